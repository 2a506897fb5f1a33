/** The screen over a client in memory: what a person does with keys and pointer, and what the kernel is then asked. */
import { describe, expect, test, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import type { DocumentEvents, KernelApi } from '../../src/bridge/messages';
import { onScreen } from '../support/screen';

const { open, close } = onScreen();
const composer = () => page.getByTestId('composer');
const list = () => page.getByRole('log', { name: 'Messages' });

describe('chat', () => {
  test('a channel that appears takes the keys, but not from a menu that is open', async () => {
    open('ordinary', '/');
    await page.getByRole('button', { name: /^Space:/ }).click();
    const item = page.getByRole('menuitem', { name: 'New space' });
    await expect.element(item).toBeVisible();
    location.hash = '/s/lft/c/c2';
    await expect.element(composer()).toBeVisible();
    await expect.element(item).toBeVisible();
    await userEvent.keyboard('{Escape}');
    await expect.element(item).not.toBeInTheDocument();
    location.hash = '/s/lft/c/c1';
    await expect.element(composer()).toHaveFocus();
  });

  test('a draft comes back, Enter sends it, Shift Enter does not', async () => {
    const client = open();
    await expect.element(composer()).toHaveValue('Тогда сегодня закажу, и **протокол** можно утверждать');
    await composer().fill('one');
    await userEvent.keyboard('{Shift>}{Enter}{/Shift}two{Enter}');
    await expect.element(list().getByText('one two')).toBeInTheDocument();
    await expect.element(composer()).toHaveValue('');
    expect(client.ran.filter((run) => run.name === 'chat.send').map((run) => run.args)).toEqual([
      { channelId: 'c2', text: 'one\ntwo' },
    ]);
    expect(client.ran.findLast((run) => run.name === 'os.saveDraft')?.args).toEqual({ key: 'c2', text: '' });
  });

  test('a refused message is told in full and its text is kept', async () => {
    open();
    await composer().fill('x'.repeat(5_000));
    await userEvent.keyboard('{Enter}');
    await expect
      .element(page.getByRole('alert').getByText('Your text is kept. Shorten it and send it again.'))
      .toBeVisible();
    await expect.element(composer()).toHaveValue('x'.repeat(5_000));
  });

  test('ArrowUp in an empty composer edits the last own message; Enter saves, and it says so', async () => {
    const client = open();
    await composer().fill('');
    await userEvent.keyboard('{ArrowUp}');
    const editing = page.getByLabelText('Edit the message');
    await expect.element(editing).toHaveFocus();
    await editing.fill('Список в плане');
    await userEvent.keyboard('{Enter}');
    await expect.element(list().getByText('Список в плане')).toBeInTheDocument();
    expect(client.ran.find((run) => run.name === 'chat.edit')?.args).toEqual({
      messageId: 'm10',
      text: 'Список в плане',
    });
  });

  test('a removed message can be brought back with Undo', async () => {
    open();
    const own = list().getByText('Новый список для выезда уже в плане.');
    await own.hover();
    await list()
      .getByRole('article')
      .filter({ hasText: 'Новый список' })
      .getByRole('button', { name: 'Delete' })
      .click();
    await expect.element(own).not.toBeInTheDocument();
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.element(own).toBeInTheDocument();
  });

  test('an answer carries what it answers, and the quote leads back', async () => {
    const client = open();
    const theirs = list().getByText('Форма для порта готова');
    await theirs.hover();
    await list()
      .getByRole('article')
      .filter({ hasText: 'Форма для порта' })
      .getByRole('button', { name: 'Reply', exact: true })
      .click();
    await composer().fill('Подпишу');
    await userEvent.keyboard('{Enter}');
    await expect
      .poll(() => client.ran.find((run) => run.name === 'chat.send')?.args)
      .toEqual({ channelId: 'c2', text: 'Подпишу', replyTo: 'm5' });
    await list().getByRole('article').filter({ hasText: 'Подпишу' }).getByTitle('Go to that message').click();
    await expect.poll(() => document.querySelector('[data-message="m5"]')?.classList.contains('found')).toBe(true);
  });

  test('[HE3] the mark of an own message that too few others have after two minutes says so, and leads to where that stands', async () => {
    open();
    const mark = list().getByRole('button', { name: 'on 1 device' });
    await expect.element(mark).toHaveAttribute('title', 'on 1 device. Too few copies');
    // What is on its way, and what a beacon has.
    await expect.element(list().getByTitle('sending', { exact: true })).toBeInTheDocument();
    await expect.element(list().getByTitle('on 2 beacons', { exact: true })).toBeInTheDocument();
    await mark.click();
    await expect.element(page.getByRole('complementary', { name: 'Inspector' })).toBeVisible();
  });

  test('reading marks as read, and the line stays where reading began', async () => {
    const client = open();
    await expect.poll(() => client.ran.some((run) => run.name === 'chat.markRead')).toBe(true);
    await expect.element(page.getByText(/^2 new since yesterday/)).toBeInTheDocument();
  });

  test('five hundred messages open at the end, and only those in sight are drawn', async () => {
    open('overfull');
    await expect.element(list().getByText('Reading 499', { exact: false })).toBeInTheDocument();
    await expect
      .poll(() => {
        const box = document.querySelector('[data-testid=message-list]');
        return box ? Math.round(box.scrollHeight - box.scrollTop - box.clientHeight) : -1;
      })
      .toBeLessThanOrEqual(1);
    expect(document.querySelectorAll('[data-message]').length).toBeLessThan(60);
  });

  test('what is read above the end stays where it is when a banner comes and goes', async () => {
    open('overfull');
    await expect.element(list().getByText('Reading 499', { exact: false })).toBeInTheDocument();
    const box = list().element();
    box.scrollTop = box.scrollHeight / 2;
    const places = (): readonly unknown[] => {
      const rows = [...box.querySelectorAll('[data-message]')];
      const row = rows.find((each) => each.getBoundingClientRect().top > 300);
      return [row?.getAttribute('data-message'), Math.round(row?.getBoundingClientRect().top ?? 0)];
    };
    // Rows that come into sight are measured first.
    let seen = '';
    await expect
      .poll(() => {
        const last = seen;
        seen = String(places());
        return places()[0] !== undefined && last === seen;
      })
      .toBe(true);
    const before = places();
    const banner = document.createElement('div');
    banner.style.cssText = 'flex: none; height: 57px';
    const main = document.getElementById('main');
    const top = box.getBoundingClientRect().top;
    main?.insertBefore(banner, main.querySelector(':scope > .view'));
    await expect.poll(() => box.getBoundingClientRect().top).toBe(top + 57);
    await expect.poll(places).toEqual(before);
    banner.remove();
    await expect.poll(() => box.getBoundingClientRect().top).toBe(top);
    await expect.poll(places).toEqual(before);
  });

  test('who goes up while the end still grows is not brought back to the end', async () => {
    const client = open('overfull');
    await expect.element(list().getByText('Reading 499', { exact: false })).toBeInTheDocument();
    const box = list().element();
    const belowSight = () => Math.round(box.scrollHeight - box.scrollTop - box.clientHeight);
    await expect.poll(belowSight).toBeLessThanOrEqual(1);
    const grow = (lines: number) =>
      client.run('chat.edit', { messageId: 'x499', text: Array.from({ length: lines }, (_, i) => `${i}`).join('\n') });
    const read = () =>
      Math.round(list().getByText('Reading 496', { exact: false }).element().getBoundingClientRect().top);
    // One event will tell of both: that the end moved down, and that the reader went up by less.
    const height = box.scrollHeight;
    const gone = new Promise<number>((done) => {
      const observer = new MutationObserver(() => {
        if (box.scrollHeight <= height) return;
        observer.disconnect();
        box.scrollTop -= 120;
        box.addEventListener('scroll', () => done(read()), { once: true });
      });
      observer.observe(box, { subtree: true, childList: true, attributes: true });
    });
    await grow(12);
    const top = await gone;
    await grow(30);
    await expect.poll(belowSight).toBeGreaterThan(400);
    // The window moves along meanwhile: what is read stays on the screen, wherever the bar is.
    for (let frame = 0; frame < 20; frame++) {
      await new Promise(requestAnimationFrame);
      expect(read()).toBe(top);
    }
    expect(belowSight()).toBeGreaterThan(400);
  });

  test('what was missed and comes in pieces takes the reader to its first message, and is not read by passing by; what is said now is followed', async () => {
    const client = open();
    const marked = () => client.ran.filter(({ name }) => name === 'chat.markRead').length;
    await expect.poll(marked).toBe(1);
    client.arrive(['Said now'], Date.now());
    await expect.element(list().getByText('Said now')).toBeInViewport();
    await expect.poll(marked).toBe(2);
    for (let piece = 0; piece < 6; piece++) {
      client.arrive([`Missed ${piece}${'\nand more'.repeat(9)}`], Date.now() - 3_600_000);
      // Drawn, measured, and where it stands is told.
      for (let frame = 0; frame < 6; frame++) await new Promise(requestAnimationFrame);
      expect(marked()).toBe(2);
    }
    await expect.element(list().getByText('6 new since', { exact: false })).toBeInViewport();
    await expect.element(list().getByText('Missed 0')).toBeInViewport();
    await page.getByRole('button', { name: '6 new' }).click();
    await expect.element(list().getByText('Missed 5')).toBeInViewport();
    await expect.poll(marked).toBe(3);
  });

  test('what was missed and fits on the screen is read once it rests there', async () => {
    const client = open();
    const marked = () => client.ran.filter(({ name }) => name === 'chat.markRead').length;
    await expect.poll(marked).toBe(1);
    const timers = vi.spyOn(window, 'setTimeout');
    client.arrive(['Missed'], Date.now() - 3_600_000);
    await expect.element(list().getByText('Missed')).toBeInViewport();
    await expect.element(list().getByText('1 new since', { exact: false })).toBeInViewport();
    expect(marked()).toBe(1);
    const rested = timers.mock.calls.findLast(([, ms]) => ms === 3_000)?.[0] as () => void;
    rested();
    await expect.poll(marked).toBe(2);
    await expect.element(list().getByText('1 new since', { exact: false })).toBeInViewport();
  });

  test('a channel that is open stays so where another tab takes over: its events come from there', async () => {
    const client = open();
    const opened: [string, DocumentEvents][] = [];
    const openDocument: KernelApi['openDocument'] = async (id, events) => {
      opened.push([id, events]);
      return { clientId: 8, state: new Uint8Array(), push() {}, setPresence() {}, close() {} };
    };
    Object.assign(client, { openDocument });
    await expect.element(composer()).toBeVisible();
    await expect.poll(() => opened.map(([id]) => id)).toEqual(['c2']);
    opened[0]?.[1].refused({ type: 'leaderChanged', message: '', safe: '', next: '' });
    await expect.poll(() => opened.map(([id]) => id)).toEqual(['c2', 'c2']);
  });

  test('a channel that is empty has one sentence and one button, which leads to the composer', async () => {
    open('empty');
    await page.getByRole('button', { name: 'Write the first message' }).click();
    await expect.element(composer()).toHaveFocus();
  });
});

describe('the frame', () => {
  test('Ctrl K opens the palette, which finds across languages and goes there', async () => {
    open();
    await expect.element(composer()).toBeVisible();
    await userEvent.keyboard('{Control>}k{/Control}');
    await userEvent.keyboard('выез{Enter}');
    await expect.poll(() => location.hash).toBe('#/s/lft/c/c4');
  });

  test('the chip says what the receipts say, and its switch works offline', async () => {
    open();
    const chip = page.getByTestId('sync-chip');
    await expect.element(chip).toHaveTextContent('Safe to close');
    await chip.click();
    await page.getByRole('switch', { name: 'Work offline' }).click();
    await expect.element(chip).toHaveTextContent('Offline, 3 changes waiting');
    await expect.element(page.getByText('You are working offline.', { exact: false })).toBeVisible();
  });

  test('when nothing can be saved a banner says why and what to do', async () => {
    open('readOnly');
    await expect.element(page.getByRole('alert')).toHaveTextContent(/Nothing can be saved. The disk is full./);
  });

  test('that one is on an island is said where one works in that space, and not among settings', async () => {
    open('island');
    const banner = page.getByText('You are on an island of 4 nodes', { exact: false });
    await expect.element(banner).toBeVisible();
    location.hash = '/settings/network';
    await expect.element(page.getByRole('heading', { level: 1, name: 'Network' })).toBeVisible();
    await expect.element(banner).not.toBeInTheDocument();
  });

  test('two banners stand one under another, each as wide as the view, on any screen', async () => {
    for (const width of [1440, 390]) {
      await page.viewport(width, 844);
      open('unwritten', '/s/lft/c/c2');
      await expect.element(page.getByRole('button', { name: 'Write it down' })).toBeVisible();
      await expect.element(page.getByRole('button', { name: 'Have a look' })).toBeVisible();
      const boxes = [...document.querySelectorAll('.main > :not(.lines), .main > .lines > *')].map((part) =>
        part.getBoundingClientRect(),
      );
      expect(boxes.length).toBe(4);
      const main = document.querySelector('.main')?.getBoundingClientRect();
      for (const [i, box] of boxes.entries()) {
        expect(box.width).toBe(main?.width);
        expect(box.top).toBeGreaterThanOrEqual(boxes[i - 1]?.bottom ?? 0);
      }
      // The next start keeps room for them.
      const lines = document.querySelector<HTMLElement>('.lines')?.offsetHeight;
      expect(lines).toBeGreaterThan(80);
      await expect.poll(() => localStorage.getItem('lgos/lines')).toBe(String(lines));
      await expect.element(composer()).toBeVisible();
      close();
    }
  });

  test('a question that cannot be undone begins at Cancel', async () => {
    open('ordinary', '/s/lft/members');
    await page.getByRole('button', { name: 'Leave the space' }).click();
    await expect.element(page.getByRole('dialog').getByRole('button', { name: 'Cancel' })).toHaveFocus();
    await userEvent.keyboard('{Escape}');
    await expect.element(page.getByRole('dialog')).not.toBeInTheDocument();
  });

  test('an open invitation warns who can read, and gives a link with its code', async () => {
    open();
    await page.getByRole('button', { name: 'Share' }).click();
    const dialog = page.getByRole('dialog', { name: 'Invite to Ladoga Field Team' });
    await expect.element(dialog.getByText('Anyone with the link can read until you revoke it.')).toBeVisible();
    await dialog.getByRole('button', { name: 'Make a link' }).click();
    await expect.element(dialog.getByRole('img', { name: 'The link as a QR code' })).toBeVisible();
    await expect
      .element(dialog.getByRole('textbox', { name: 'Link' }))
      .toHaveValue(`https://lgos.example/#/join/${'k7Qe2Zx9'.repeat(24)}`);
    await dialog.getByRole('button', { name: 'Another one' }).click();
    await dialog.getByRole('radio', { name: 'After approval' }).click();
    await expect.element(dialog.getByRole('button', { name: 'Make a link' })).toBeVisible();
  });

  test('a link shows what it leads to before anybody joins, then each step', async () => {
    open('ordinary', '/join/abc');
    await expect.element(page.getByRole('heading', { name: 'Onega Survey' })).toBeVisible();
    await page.getByRole('button', { name: 'Join' }).click();
    await expect.element(page.getByText('214 changes received')).toBeVisible();
  });

  test('the language changes at once and is kept', async () => {
    open();
    await page.getByRole('button', { name: 'You and this page' }).click();
    await page.getByRole('menuitem', { name: 'Русский' }).click();
    await expect.element(page.getByRole('navigation', { name: 'Каналы' })).toBeVisible();
    expect(localStorage.getItem('lgos/language')).toBe('ru');
    expect(document.documentElement.lang).toBe('ru');
  });

  test('home opens the first document of the personal space', async () => {
    open('ordinary', '/');
    await expect.poll(() => location.hash).toBe('#/s/home/d/welcome');
  });

  test('every button and link has a name, in the frame and on its pages', async () => {
    for (const path of ['/s/lft/c/c2', '/s/lft/members', '/settings']) {
      open('ordinary', path);
      await expect.element(page.getByRole('main')).toBeInTheDocument();
      await expect.poll(() => document.querySelectorAll('button').length).toBeGreaterThan(6);
      const nameless = [...document.querySelectorAll<HTMLElement>('button, a[href], input, textarea')].filter(
        (one) =>
          !(
            one.getAttribute('aria-label') ||
            one.textContent?.trim() ||
            one.closest('label') ||
            one.getAttribute('aria-labelledby')
          ),
      );
      expect(nameless.map((one) => one.outerHTML.slice(0, 120))).toEqual([]);
      close();
    }
  });

  test('on a phone nothing is wider than the screen, and More opens the sidebar', async () => {
    await page.viewport(390, 844);
    open();
    await expect.element(composer()).toBeVisible();
    await page.getByRole('button', { name: 'More' }).last().click();
    await expect.element(page.getByRole('complementary', { name: 'Navigation' })).toBeVisible();
    expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
  });
});

describe('leaving', () => {
  const asks = () => !dispatchEvent(new Event('beforeunload', { cancelable: true }));

  test('[HE3] the browser asks only where nobody else has what was written, and the mark says it by its shape too', async () => {
    open();
    const chip = page.getByTestId('sync-chip');
    await expect.element(chip).toHaveAttribute('title', expect.stringContaining('Fewer copies than wanted'));
    await expect.poll(() => document.querySelector('.chip.sync .lucide-shield-minus')).not.toBeNull();
    expect(asks()).toBe(false);
    close();
    open('offline');
    await expect.poll(() => document.querySelector('.chip.sync .lucide-shield-alert')).not.toBeNull();
    await expect.poll(asks).toBe(true);
    close();
    await expect.poll(asks).toBe(false);
  });
});
