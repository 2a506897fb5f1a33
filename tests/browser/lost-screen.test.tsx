/** What a person sees after the browser lost what it kept, and of its promise to keep it. */
import { describe, expect, test, vi } from 'vitest';
import { page } from 'vitest/browser';
import { setLanguage } from '../../src/view/kit/preferences';
import { onScreen } from '../support/screen';

const { open, close } = onScreen();
const banner = () => page.getByRole('alert').filter({ hasText: 'The browser lost' });

describe('a browser that lost a profile', () => {
  test('a banner says what happened, what is safe and what to do, and leads to the key file', async () => {
    open('lost');
    await expect.element(banner()).toHaveTextContent(/your keys and the work on this device.*is still there/);
    await banner().getByRole('button', { name: 'Open key file' }).click();
    const field = page.getByLabelText('Passphrase of a key file');
    await expect.element(field).toHaveFocus();
    await expect.element(banner()).toBeVisible();
    await page.getByRole('button', { name: 'Save key file' }).click({ force: true });
    await banner().getByRole('button', { name: 'Open key file' }).click();
    await expect.element(field).toHaveFocus();
  });

  test('going on as a new person ends it', async () => {
    const client = open('lost');
    await banner().getByRole('button', { name: 'Go on as a new person' }).click();
    await expect.element(banner()).not.toBeInTheDocument();
    expect(client.ran.map((run) => run.name)).toContain('browser.acceptLoss');
  });

  test('where the keys are still here it asks for none', async () => {
    open('lostWork');
    await expect.element(banner()).toHaveTextContent(/Your keys are still here/);
    await expect.element(banner().getByRole('button', { name: 'Open key file' })).not.toBeInTheDocument();
    await banner().getByRole('button', { name: 'I have read this' }).click();
    await expect.element(banner()).not.toBeInTheDocument();
  });

  test('on a phone the banner is no wider than the screen, in both languages', async () => {
    await page.viewport(390, 844);
    for (const language of ['en', 'ru'] as const) {
      setLanguage(language);
      open('lost');
      await expect.element(page.getByRole('alert')).toBeVisible();
      expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
      const right = Math.max(
        ...[...document.querySelectorAll('.banner .btn')].map((b) => b.getBoundingClientRect().right),
      );
      expect(right).toBeLessThanOrEqual(390);
      close();
    }
  });
});

describe('the promise of the browser', () => {
  test('where it is not given a button asks for it, and says what came of it', async () => {
    const persist = vi.spyOn(navigator.storage, 'persist').mockResolvedValue(false);
    const persisted = vi.spyOn(navigator.storage, 'persisted').mockResolvedValue(false);
    open('ordinary', '/settings');
    const ask = page.getByRole('button', { name: 'Ask the browser to keep it' });
    await ask.click();
    await expect.element(page.getByText('The browser did not promise it.', { exact: false })).toBeVisible();
    await expect.element(ask).toBeVisible();
    persist.mockResolvedValue(true);
    persisted.mockResolvedValue(true);
    await ask.click();
    await expect.element(page.getByText('The browser promised to keep your work:', { exact: false })).toBeVisible();
    await expect.element(ask).not.toBeInTheDocument();
  });
});
