import {
  ask,
  CHANNEL,
  chip,
  createChannel,
  createSpace,
  expect,
  onBeacon,
  otherAddress,
  SPACE,
  say,
  sidebar,
  test,
} from './support';

test('a person at another address of the machine is asked for the printed join code, gives it, and the beacon keeps their space', async ({
  host,
  person,
}, info) => {
  const beacon = await host({ args: ['--tls', 'self'] });
  const origin = `https://${otherAddress()}:${beacon.port}`;
  const { page, faults } = await person(origin, { name: 'Vera', ignoreHTTPSErrors: true });
  const spaceId = await createSpace(page, SPACE);
  await createChannel(page, CHANNEL);
  await say(page, 'Here from my own device.');
  await expect(chip(page)).toHaveText('Only on this device');

  await chip(page).click();
  const held = page.getByRole('dialog', { name: 'What is held where' });
  await expect(held).toContainText(
    `The beacon ${new URL(origin).host} does not keep this space: it asks for a join code.`,
  );
  await page.screenshot({ path: info.outputPath('asked.png') });
  await held.getByRole('button', { name: 'Enter join code' }).click();
  const field = held.getByRole('textbox', { name: /^Join code of the beacon/ });
  await expect(field).toBeFocused();

  await field.fill('WRNG-WRNG');
  await field.press('Enter');
  await expect(held.getByRole('status')).toContainText('Refused: this is not the code of the beacon');
  await page.screenshot({ path: info.outputPath('refused.png') });
  expect(await ask(page, 'durability', spaceId)).toMatchObject({ beacons: 0, safe: false });

  await expect.poll(() => beacon.printed()).toMatch(/\nJoin code: .+\n/);
  const [, code = ''] = /\nJoin code: (.+)\n/.exec(beacon.printed()) ?? [];
  await field.fill(` ${code.toLowerCase()} `);
  await held.getByRole('button', { name: 'Send code' }).click();
  await expect(held.getByRole('status')).toHaveText('Accepted: the beacon keeps your spaces.');
  await onBeacon(page, spaceId);
  await expect(chip(page)).toHaveText('Safe to close');
  await expect(held).not.toContainText('does not keep this space');
  await page.screenshot({ path: info.outputPath('accepted.png') });
  await page.keyboard.press('Escape');
  await expect(held).toBeHidden();

  // Once for a person: what comes later is kept as well, and the settings say so.
  const later = await createSpace(page, 'Onega Field Team');
  await onBeacon(page, later);
  await sidebar(page).getByRole('button', { name: 'Settings' }).click();
  const network = page.getByRole('region', { name: 'Network' });
  await expect(network.getByRole('textbox', { name: /^Join code of the beacon/ })).toHaveValue(code);
  await expect(network.getByRole('status')).toHaveText('Accepted: the beacon keeps your spaces.');
  expect(faults).toEqual([]);
});

test('the settings take the join code as well, and a code with no letter in it changes nothing', async ({
  host,
  person,
}) => {
  const beacon = await host({ args: ['--tls', 'self'] });
  const origin = `https://${otherAddress()}:${beacon.port}`;
  const { page } = await person(origin, { ignoreHTTPSErrors: true });
  await sidebar(page).getByRole('button', { name: 'Settings' }).click();
  const network = page.getByRole('region', { name: 'Network' });
  await expect(network.getByRole('status')).toHaveText(/^Asked for: without the code the beacon does not keep 1 space/);
  const field = network.getByRole('textbox', { name: /^Join code of the beacon/ });
  await field.fill(' - ');
  await network.getByRole('button', { name: 'Send code' }).click();
  await expect(page.getByText('A join code has letters and digits.')).toBeVisible();
  await expect(network.getByRole('status')).toHaveText(/^Asked for/);
  await expect.poll(() => beacon.printed()).toMatch(/\nJoin code: .+\n/);
  await field.fill(/\nJoin code: (.+)\n/.exec(beacon.printed())?.[1] ?? '');
  await field.press('Enter');
  await expect(network.getByRole('status')).toHaveText('Accepted: the beacon keeps your spaces.');
  await expect.poll(async () => (await ask(page, 'stats')).spaces).toBe(1);
});

test('a person at localhost on the machine itself is asked for nothing', async ({ host, person }) => {
  const beacon = await host();
  const { page } = await person(beacon.url);
  await sidebar(page).getByRole('button', { name: 'Settings' }).click();
  const network = page.getByRole('region', { name: 'Network' });
  await expect(network.getByRole('status')).toHaveText('Accepted: the beacon keeps your spaces.');
  await expect(network.getByRole('textbox', { name: /^Join code of the beacon/ })).toHaveValue('');
});
