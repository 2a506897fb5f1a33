/** The whole page over a client in memory, in a browser: in English, on a wide screen, gone after each test. */

import { createRoot, type Root } from 'react-dom/client';
import { toast } from 'sonner';
import { afterEach, beforeEach, vi } from 'vitest';
import { page } from 'vitest/browser';
import { setLanguage } from '../../src/view/kit/preferences';
import { App } from '../../src/view/shell/App';
import { openLab } from '../../workers/lab';
import { createFakeClient, type Scene } from '../view/fake-client';
import '../../src/view/view.css';

export type Screen = {
  /** Shows a scene at a path; gives what it asks. */
  open(scene?: Scene, path?: string): ReturnType<typeof createFakeClient>;
  close(): void;
};

/** Once in a test file. */
export const onScreen = (): Screen => {
  let root: Root | undefined;
  let place: HTMLElement | undefined;
  const close = (): void => {
    root?.unmount();
    place?.remove();
  };
  beforeEach(async () => {
    localStorage.clear();
    setLanguage('en');
    await page.viewport(1440, 900);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    toast.dismiss();
    close();
    location.hash = '';
  });
  return {
    open: (scene = 'ordinary', path = '/s/lft/c/c2') => {
      location.hash = path;
      const client = createFakeClient(scene, Date.now());
      place = document.body.appendChild(document.createElement('div'));
      place.style.height = '100vh';
      root = createRoot(place);
      root.render(<App client={client} lab={openLab} />);
      return client;
    },
    close,
  };
};
