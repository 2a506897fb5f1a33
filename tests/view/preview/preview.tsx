/** The screen over the fake client, to look at: `?scene=` chooses the data (fake-client.ts), `?theme=` and `?language=` the page. */

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { applyTheme, setLanguage, setTheme } from '../../../src/view/kit/preferences';
import { App } from '../../../src/view/shell/App';
import { openLab } from '../../../workers/lab';
import '../../../src/view/view.css';
import type { Scene } from '../fake-client';
import { createFakeClient } from '../fake-client';

const asked = new URLSearchParams(location.search);
setTheme(asked.get('theme') === 'dark' ? 'dark' : 'light');
setLanguage(asked.get('language') === 'ru' ? 'ru' : 'en');
applyTheme();
const root = document.getElementById('root');
if (root) {
  const client = createFakeClient((asked.get('scene') ?? 'ordinary') as Scene, Date.now());
  createRoot(root).render(
    <StrictMode>
      <App client={client} lab={openLab} />
    </StrictMode>,
  );
}
