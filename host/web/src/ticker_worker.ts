// A page in the background has its timers slowed down to one a minute; a worker has not. Alarms must be heard
// there too.
setInterval(() => postMessage(0), 250);
