import {
  ask,
  body,
  CHANNEL,
  createChannel,
  createDocument,
  createSpace,
  expect,
  messages,
  open,
  openPage,
  SPACE,
  say,
  test,
  wordsOf,
} from './support';

test('when the leading tab closes the other one writes on and nothing is lost', async ({ host, person }, info) => {
  const { url } = await host();
  const { page: first, context } = await person(url);
  await createSpace(first, SPACE);
  const channelId = await createChannel(first, CHANNEL);
  const documentId = await createDocument(first, 'Protocol');
  const { page: second, faults } = await openPage(context, first.url());
  await body(second).click();
  await second.keyboard.type('before ');
  await expect.poll(() => wordsOf(first)).toBe('before ');
  await open(first, CHANNEL);
  await say(first, 'The last words of the first tab');
  await expect.poll(async () => (await messages(second, channelId)).length).toBe(1);

  const closed = performance.now();
  const closing = first.close();
  await body(second).click();
  await second.keyboard.press('Control+End');
  await second.keyboard.type('while it changes ');
  await ask(second, 'run', 'chat.send', { channelId, text: 'From the second tab' });
  const took = Math.round(performance.now() - closed);
  info.annotations.push({ type: 'writable', description: `after ${took} ms` });
  await closing;
  await second.keyboard.type('after');

  await expect.poll(() => wordsOf(second)).toBe('before while it changes after');
  await expect.poll(() => ask(second, 'documentText', documentId)).toBe('before while it changes after');
  await second.reload();
  await expect.poll(() => wordsOf(second)).toBe('before while it changes after');
  expect((await messages(second, channelId)).map(({ text }) => text)).toEqual([
    'The last words of the first tab',
    'From the second tab',
  ]);
  expect(faults).toEqual([]);
});
