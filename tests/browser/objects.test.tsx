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
