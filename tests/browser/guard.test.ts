/** The page's guard in a real browser. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkPage, showGuardPage } from '../../src/guard';

describe('guard page', () => {
  let page: Document;
  beforeEach(() => {
    page = document.implementation.createHTMLDocument('before');
    page.body.innerHTML = '<div id="root">old</div>';
  });
  afterEach(() => {
    page.body.replaceChildren();
  });

  it('guard: this browser can run LGOS', async () => {
    expect(await checkPage(window)).toBeUndefined();
  });
  it('guard: says what happened, what is safe and what to do, in place of everything else', () => {
    showGuardPage('insecure', 'en-GB', page);
    expect(page.documentElement.lang).toBe('en');
    expect(page.title).toBe('This address is not secure · LifeGraph OS');
    expect(page.querySelector('#root')).toBeNull();
    expect([...page.querySelectorAll('h2')].map((heading) => heading.textContent)).toEqual([
      'What is safe',
      'What to do',
    ]);
    expect(page.querySelectorAll('li').length).toBe(2);
    expect(page.body.textContent).toContain('http://localhost');
  });
  it('guard: speaks Russian to a Russian browser, English to any other', () => {
    showGuardPage('oldBrowser', 'ru-RU', page);
    expect(page.documentElement.lang).toBe('ru');
    expect(page.querySelector('h1')?.textContent).toBe('Этот браузер слишком старый для LifeGraph OS');
    showGuardPage('oldBrowser', 'run', page);
    expect(page.documentElement.lang).toBe('en');
  });
});
