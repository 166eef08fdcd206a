import {render} from 'preact';
import {now} from './clock';
import {Desk, type PageStore} from './desk';
import {pacedFrames} from './pace';
import {loadLang} from './prefs';
import {reduce} from './state/reduce';
import {initialState} from './state/state';
import {Store} from './state/store';
import './style/tokens.css';
import './style/base.css';
import './style/layout.css';
import './style/table.css';
import './style/alarms.css';
import './style/trend.css';
import './style/dialog.css';
import {startTicker} from './ticker';
import {App} from './view/app';
import {CrashGuard} from './view/crash';
import {DeskContext} from './view/hooks';

const store: PageStore = new Store(reduce, initialState(now(), loadLang()), pacedFrames());
const desk = new Desk(store);
const root = document.getElementById('app');
if (root) {
  render(
    <CrashGuard lang={() => store.state.lang}>
      <DeskContext.Provider value={desk}>
        <App />
      </DeskContext.Provider>
    </CrashGuard>,
    root,
  );
}
desk.start();
startTicker(() => {
  desk.tick();
  document.documentElement.classList.toggle('pulse', Math.floor(store.state.now.perf / 500) % 2 === 1);
});
