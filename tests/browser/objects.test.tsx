/** Documents, people and messages as the one kind of thing that they are: made, opened and returned to from everywhere. */
import { describe, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { onScreen } from '../support/screen';

const { open } = onScreen();

describe('templates', () => {
  test('are offered by the palette, found by name and chosen by keys', async () => {
    const client = open();
    await expect.element(page.getByTestId('composer')).toBeVisible();
    await userEvent.keyboard('{Control>}k{/Control}');
    await userEvent.keyboard('from template');
    await expect
      .element(page.getByRole('option', { name: 'New document from template…' }))
      .toHaveAttribute('aria-selected', 'true');
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByRole('option', { name: 'Meeting notes' })).toBeVisible();
    await userEvent.keyboard('project{Enter}');
    await expect
      .poll(() => client.ran.find(({ name }) => name === 'editor.createDocument')?.args)
      .toMatchObject({
        spaceId: 'lft',
        title: 'Project plan',
        markdown: expect.stringContaining('## Milestones'),
      });
  });
});

describe('a person', () => {
  const inspector = () => page.getByRole('complementary', { name: 'Inspector' });
  const named = (name: string) => inspector().getByRole('heading', { level: 2, name });

  test('opens in the inspector from the name over a message, by the pointer and by keys', async () => {
    open();
    const name = page.getByRole('log').getByRole('button', { name: 'About Tomas Lindqvist' }).last();
    await name.click();
    await expect.element(named('Tomas Lindqvist')).toBeVisible();
    await inspector().getByRole('button', { name: 'Close' }).click();
    await expect.element(inspector()).not.toBeInTheDocument();
    await userEvent.keyboard('{Control>}k{/Control}');
    await userEvent.keyboard('@Tomas{Enter}');
    await expect.element(named('Tomas Lindqvist')).toBeVisible();
  });

  test('opens from what one missed, and the line beside the name leads to what was said', async () => {
    open('overfull', '/s/lft/hub');
    await page.getByRole('button', { name: 'What you missed' }).click();
    const digest = page.getByRole('article', { name: 'What you missed' });
    await digest.getByRole('button', { name: 'Tomas Lindqvist', exact: true }).click();
    await expect.element(named('Tomas Lindqvist')).toBeVisible();
    await digest.getByRole('button', { name: 'About Maya Okafor' }).click();
    await expect.element(named('Maya Okafor')).toBeVisible();
    await digest.getByRole('link', { name: /^What Maya Okafor wrote/ }).click();
    await expect.poll(() => location.hash).toBe('#/s/lft/c/c2?m=m5');
  });

  test('opens from a change of an object and from the version before it', async () => {
    open();
    await userEvent.keyboard('{Control>}.{/Control}');
    const changes = inspector().getByRole('region', { name: 'History' });
    await changes.getByRole('button', { name: 'About Tomas Lindqvist' }).click();
    await expect.element(named('Tomas Lindqvist')).toBeVisible();
    await inspector().getByRole('button', { name: 'Close' }).click();
    await userEvent.keyboard('{Control>}.{/Control}');
    await changes.getByRole('button', { name: /moved to/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'About Илья Белов' }).click();
    await expect.element(page.getByRole('dialog')).not.toBeInTheDocument();
    await expect.element(named('Илья Белов')).toBeVisible();
  });

  test('opens from what was found, which stays found', async () => {
    open('overfull', '/search?q=reading');
    await page.getByRole('button', { name: 'Maya Okafor', exact: true }).first().click();
    await expect.element(named('Maya Okafor')).toBeVisible();
    expect(location.hash).toContain('/search');
  });
});

describe('the palette', () => {
  test('says that nothing is called so or was written, above the way to the search page', async () => {
    open();
    await expect.element(page.getByTestId('composer')).toBeVisible();
    await userEvent.keyboard('{Control>}k{/Control}');
    await userEvent.keyboard('zzzz');
    await expect.element(page.getByRole('listbox').getByText('Nothing was found for “zzzz”.')).toBeVisible();
    await expect.element(page.getByRole('option', { name: /zzzz/ })).toBeVisible();
    await page.getByRole('combobox').fill('buoy');
    await expect.element(page.getByRole('option', { name: /buoy-3/ })).toBeVisible();
    await expect.element(page.getByText(/^Nothing was found/)).not.toBeInTheDocument();
  });
});

describe('a place', () => {
  const list = () => page.getByTestId('message-list').element() as HTMLElement;
  /** The message at the top and how far below the edge it begins. */
  const stands = (): { readonly id: string; readonly y: number } => {
    const { top } = list().getBoundingClientRect();
    const first = [...list().querySelectorAll<HTMLElement>('[data-message]')]
      .map((message) => ({ id: message.dataset.message ?? '', box: message.getBoundingClientRect() }))
      .filter(({ box }) => box.bottom > top)
      .sort((a, b) => a.box.top - b.box.top)[0];
    return { id: first?.id ?? '', y: Math.round((first?.box.top ?? 0) - top) };
  };
  const settled = async (): Promise<void> => {
    let last = '';
    await expect
      .poll(() => {
        const now = JSON.stringify(stands());
        const same = now === last;
        last = now;
        return same;
      })
      .toBe(true);
  };

  test('is where it was left on the way back, and a link to a message wins over it', async () => {
    open('overfull', '/s/lft/c/c2');
    await expect.element(page.getByTestId('message-list')).toBeVisible();
    await settled();
    list().scrollTop = list().scrollHeight - list().clientHeight - 3_000;
    await expect.poll(() => stands().id).not.toBe('');
    await settled();
    const before = stands();
    location.hash = '/s/lft/c/c1';
    await expect.element(page.getByTestId('message-list')).not.toBeInTheDocument();
    history.back();
    await expect.element(page.getByTestId('message-list')).toBeVisible();
    await expect.poll(() => stands().id).toBe(before.id);
    // Within a line of words: what is above is measured as it is drawn.
    await expect.poll(() => Math.abs(stands().y - before.y)).toBeLessThan(22);
    location.hash = '/s/lft/c/c1';
    await expect.element(page.getByTestId('message-list')).not.toBeInTheDocument();
    location.hash = '/s/lft/c/c2?m=x480';
    await expect
      .poll(() => list().querySelector('[data-message=x480]')?.classList.contains('found') ?? false)
      .toBe(true);
  });
});

describe('a place that scrolls', () => {
  const tops = (boxes: readonly string[]): readonly number[] =>
    boxes.map((box) => Math.round(document.querySelector(box)?.scrollTop ?? -1));
  test.each([
    { name: 'a document', path: '/s/lft/d/d1', says: 'Line 3 of', boxes: ['.editor-scroll'], at: [900] },
    {
      name: 'the Hub',
      path: '/s/lft/hub',
      says: 'look at reading 2?',
      boxes: ['.hub .changed', '.hub .inbox'],
      at: [700, 400],
    },
    {
      name: 'the search page',
      path: '/search?q=reading&n=2',
      says: 'Reading 29 of',
      boxes: ['.page.found'],
      at: [300],
    },
  ])('is where it was left on the way back: $name', async ({ path, says, boxes, at }) => {
    open('overfull', path);
    await expect.element(page.getByText(says)).toBeVisible();
    for (const [n, box] of boxes.entries()) document.querySelector(box)?.scrollTo({ top: at[n] ?? 0 });
    await expect.poll(() => tops(boxes)).toEqual(at);
    // The scrolling is told with the next frame.
    await new Promise(requestAnimationFrame);
    location.hash = '/s/lft/members';
    await expect.element(page.getByRole('heading', { name: 'Members', level: 2 })).toBeVisible();
    history.back();
    await expect.element(page.getByText(says)).toBeInTheDocument();
    await expect.poll(() => tops(boxes)).toEqual(at);
  });

  test('shows on the way back the part of the Hub that was open on a phone', async () => {
    await page.viewport(390, 844);
    open('overfull', '/s/lft/hub');
    await page.getByRole('radio', { name: 'This week' }).click();
    location.hash = '/s/lft/members';
    await expect.element(page.getByRole('heading', { name: 'Members', level: 2 })).toBeVisible();
    history.back();
    await expect.element(page.getByRole('radio', { name: 'This week' })).toBeChecked();
  });
});

describe('members', () => {
  test('of more than ten are found by a part of a name, and all come back', async () => {
    open('overfull', '/s/lft/members');
    const rows = () => document.querySelectorAll('.person-row').length;
    await expect.poll(rows).toBe(36);
    const field = page.getByRole('searchbox', { name: 'Find somebody' });
    await field.fill('белов');
    await expect.poll(rows).toBe(1);
    await expect.element(page.getByRole('button', { name: 'Илья Белов', exact: true })).toBeVisible();
    await field.fill('VERA');
    await expect.poll(rows).toBe(5);
    await field.fill('nobody');
    await expect.element(page.getByText('Nobody here is called “nobody”.')).toBeVisible();
    expect(rows()).toBe(0);
    await page.getByRole('button', { name: 'Show everybody' }).click();
    await expect.poll(rows).toBe(36);
    await expect.element(field).toHaveValue('');
  });
});

describe('an object alone in a line', () => {
  test('is a card in a message, with what it is, who wrote last and its first lines', async () => {
    open();
    await page
      .getByTestId('composer')
      .fill(`see\n[Plan](lgos:node/${'d'.repeat(32)})\nand [it](lgos:node/${'d'.repeat(32)})`);
    await userEvent.keyboard('{Enter}');
    const card = page
      .getByRole('log')
      .getByRole('link', { name: /Calibration protocol v2.*Document.*Tomas.*Rinse the probe/s });
    await expect.element(card).toBeVisible();
    expect(document.querySelectorAll('.object-card')).toHaveLength(1);
  });

  test('comes of an address of this page that is pasted; another address stays what it is', async () => {
    const client = open();
    const composer = page.getByTestId('composer');
    await expect.element(composer).toBeVisible();
    await composer.fill('');
    const paste = (text: string): void => {
      const data = new DataTransfer();
      data.setData('text/plain', text);
      (composer.element() as HTMLElement).focus();
      const event = new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true });
      // What the browser does where nobody keeps it from it.
      if (composer.element().dispatchEvent(event)) document.execCommand('insertText', false, text);
    };
    const here = `${location.origin}${location.pathname}#/s`;
    const id = 'd'.repeat(32);
    paste(`${here}/lft/d/${id}`);
    await expect.element(composer).toHaveValue('Calibration protocol v2 ');
    for (const other of [`${here}/other/d/${id}`, `${here}/lft/c/${'e'.repeat(32)}`, 'https://elsewhere.example/#/s'])
      paste(`${other} `);
    await userEvent.keyboard('{Enter}');
    await expect
      .poll(() => client.ran.find(({ name }) => name === 'chat.send')?.args)
      .toMatchObject({
        text: [
          `[Calibration protocol v2](lgos:node/${id})`,
          `${here}/other/d/${id}`,
          `${here}/lft/c/${'e'.repeat(32)}`,
          'https://elsewhere.example/#/s',
          '',
        ].join(' '),
      });
  });
});
