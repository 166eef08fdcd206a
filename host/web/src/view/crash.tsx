import {Component, type ComponentChildren, type JSX} from 'preact';
import {type Lang, t} from '../i18n';

const reload_ms = 5000;

// A page that failed to draw must not stand there looking live: it says so and loads itself anew.
export class CrashGuard extends Component<
  {lang: () => Lang; children: ComponentChildren},
  {crashed: boolean}
> {
  override state = {crashed: false};

  override componentDidCatch(error: unknown): void {
    console.error(error);
    this.setState({crashed: true});
    setTimeout(() => location.reload(), reload_ms);
  }

  override render(): JSX.Element {
    if (!this.state.crashed) return <>{this.props.children}</>;
    const lang = this.props.lang();
    return (
      <div class="crashed" role="alert">
        <p>{t(lang, 'app.crashed')}</p>
        <button type="button" onClick={() => location.reload()}>
          {t(lang, 'app.reload')}
        </button>
      </div>
    );
  }
}
