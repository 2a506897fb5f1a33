/** What the screen says of a device that came by the phrase: on an older one, and on itself. */
import { expect, test } from 'vitest';
import { page } from 'vitest/browser';
import { onScreen } from '../support/screen';

const { open } = onScreen();
const asking = () => page.getByRole('alert').filter({ hasText: 'A new device was restored' });

test('an older device asks on every page; a yes is said at once', async () => {
  const client = open('newcomer', '/settings');
  await expect.element(asking()).toHaveTextContent('Firefox on Linux');
  await asking().getByRole('button', { name: 'Yes, it was me' }).click();
  await expect.poll(() => client.ran).toContainEqual({ name: 'os.confirmDevice', args: { deviceId: 'd9' } });
  await expect.element(asking()).not.toBeInTheDocument();
});

test('a no is asked once more, and then says what was read and what to do', async () => {
  const client = open('newcomer', '/s/lft/c/c2');
  await asking().getByRole('button', { name: 'No, stop it' }).click();
  const sure = page.getByRole('dialog').or(page.getByRole('alertdialog'));
  await expect.element(sure).toHaveTextContent('your keys change');
  expect(client.ran.some(({ name }) => name === 'os.refuseDevice')).toBe(false);
  await sure.getByRole('button', { name: 'No, stop it' }).click();
  await expect.poll(() => client.ran).toContainEqual({ name: 'os.refuseDevice', args: { deviceId: 'd9' } });
  await expect.element(page.getByRole('dialog', { name: 'Stopped' })).toHaveTextContent('begin a new profile');
});

test('the restored device says in its settings until when it changes nobody’s access', async () => {
  open('restored', '/settings');
  await expect
    .element(page.getByRole('status').filter({ hasText: 'This device was restored' }))
    .toHaveTextContent('unless one of your other devices confirms it');
});
