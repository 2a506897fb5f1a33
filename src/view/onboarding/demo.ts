/** Makes the demo space from its data, one command after the other, as a person would; takes it away again. */
import type { KernelClient } from '../../bridge/client';
import type { Language } from '../kit/preferences';

/** Not the page's own session: undo is for what the person did. */
const SESSION = 'demo';

type DemoMade = { readonly space: string; readonly channel: string; readonly document: string };

/** Where something is refused, what was made of it is left again, and the refusal thrown. */
export async function beginDemo(client: KernelClient, language: Language): Promise<DemoMade> {
  // Few ask for it, and it is long.
  const { harbourIn } = await import('../../domain/start/harbour');
  const { title, steps } = harbourIn(language);
  const { id: space } = await client.createSpace({ title, kind: 'team' });
  const ids = new Map([['space', space]]);
  const filled = (text: string): string => text.replace(/\{(\w+)\}/g, (whole, name) => ids.get(name) ?? whole);
  try {
    await client.run('start.rememberDemo', { spaceId: space }, SESSION);
    for (const step of steps) {
      if ('write' in step) {
        await client.insertText(filled(step.write), 0, step.text);
        continue;
      }
      const args = Object.fromEntries(Object.entries(step.args).map(([name, value]) => [name, filled(value)]));
      const made = await client.run(step.run, args, SESSION);
      if (step.as !== undefined && made.id !== undefined) ids.set(step.as, made.id);
    }
  } catch (fault) {
    await removeDemo(client, space);
    throw fault;
  }
  const idOf = (name: string): string => ids.get(name) ?? '';
  return { space, channel: idOf('harbour'), document: idOf('plan') };
}

export async function removeDemo(client: KernelClient, space: string): Promise<void> {
  await client.leave(space);
  await client.run('start.rememberDemo', {}, SESSION);
  await client.run('os.forgetSpace', { spaceId: space }, SESSION);
}
