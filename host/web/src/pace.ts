import {now} from './clock';

const rest_max_ms = 250; // however slow the machine, the page is drawn at least so often

// When to draw: at the next animation frame, but after a drawing that took long only when as much time has
// passed again. In a storm of frames drawing then takes half of the time at most, and clicks and keys are
// still answered.
export function pacedFrames(): (draw: () => void) => void {
  let free_at = 0;
  const drawAtFrame = (draw: () => void): void => {
    requestAnimationFrame(() => {
      const from = now().perf;
      draw();
      // A task of its own comes after the views and the layout, which follow in this frame.
      setTimeout(() => {
        const to = now().perf;
        free_at = to + Math.min(to - from, rest_max_ms);
      });
    });
  };
  return (draw) => {
    const rest = free_at - now().perf;
    if (rest <= 0) drawAtFrame(draw);
    else setTimeout(() => drawAtFrame(draw), rest);
  };
}
