/**
 * The page: first the guard, then a kernel through this browser's leader, then the screen. Thin: it composes and decides nothing.
 * Address: `?profile=NAME` opens a separate identity and storage, `?links=relay` sends everything through beacons,
 * `?links=turn` links tabs over TURN servers alone.
 */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { openLab } from '../workers/lab';
import { openTab } from '../workers/open';
import { createLgos } from './bridge/lgos';
import type { Lgos } from './bridge/messages';
import { checkPage, showGuardPage } from './guard';
import { browserPasskeys } from './platform/browser/lock-passkey';
import { trustOnlyOwnScripts } from './platform/browser/trusted';
import { speak, t } from './view/kit/i18n';
import { refusalOf } from './view/kit/kernel';
import { applyTheme, askedToKeep, language, rememberAskedToKeep } from './view/kit/preferences';
import { showNotice } from './view/kit/Toasts';
import { App } from './view/shell/App';
import { Boundary } from './view/shell/Boundary';
import { askAfterWork } from './view/shell/keeping';
import { LockGate } from './view/shell/LockGate';
import { StartFailed } from './view/shell/StartFailed';
import { welcomeIn } from './view/shell/welcome';
import './view/view.css';

declare global {
  interface Window {
    /** What people script LGOS with. */
    lgos?: Lgos;
  }
}

async function start(): Promise<void> {
  trustOnlyOwnScripts(window);
  applyTheme();
  const missing = await checkPage(window);
  if (missing) return showGuardPage(missing, language());
  const asked = new URLSearchParams(location.search);
  const place = document.getElementById('root');
  if (!place) throw new Error('The page has no #root');
  const root = createRoot(place);
  const profile = asked.get('profile') ?? 'default';
  try {
    // Before anything is shown.
    await speak(language());
    const client = await openTab({
      profile,
      links: asked.get('links') === 'relay' ? 'relay' : 'any',
      turnOnly: asked.get('links') === 'turn',
      welcome: welcomeIn(language()),
    });
    window.lgos = createLgos(client);
    const working = askAfterWork(client, {
      storage: navigator.storage,
      asked: () => askedToKeep(profile),
      rememberAsked: () => rememberAskedToKeep(profile),
      tell: (what) => showNotice(t(`keeping.${what}`)),
    });
    root.render(
      <StrictMode>
        <LockGate client={client} profile={profile} passkeys={browserPasskeys()} reload={() => location.reload()}>
          <Boundary about={client.ready} place="page">
            <App client={working} lab={openLab} />
          </Boundary>
        </LockGate>
      </StrictMode>,
    );
  } catch (error) {
    root.render(<StartFailed refusal={refusalOf(error)} />);
  }
  if (import.meta.env.PROD) await keepPage();
}

/** The service worker keeps the page for offline use; a new version waits until the person takes it. */
async function keepPage(): Promise<void> {
  const { registerSW } = await import('virtual:pwa-register');
  const take = registerSW({
    onNeedRefresh: () =>
      showNotice(t('update.ready'), { label: t('update.take'), run: () => void take(true), stays: true }),
  });
}

void start();
