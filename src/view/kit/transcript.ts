/** What was said in a channel as Markdown, threads under their messages: for an export of a space, and of one channel. */

import { referencesIn, renamed } from '../../base/reference';
import type { KernelClient } from '../../bridge/client';
import type { ChannelAnswer, MessageRow, NamedAnswer } from '../../bridge/messages';
import { t } from './i18n';
import { stamp } from './time';
import { calledNow } from './ways';

const PAGE = 500;

/** Oldest first. What was said under a message stands below it; what was also said to the channel has its own place there. */
export async function allSaid(client: KernelClient, channelId: string): Promise<readonly MessageRow[]> {
  const ask = async (name: string, args: object) => (await client.query(name, args)) as readonly MessageRow[];
  const said: MessageRow[] = [];
  for (let before: string | undefined; ; ) {
    const page = await ask('chat.messages', {
      channelId,
      limit: PAGE,
      ...(before === undefined ? {} : { before }),
    });
    const own = new Set(page.map(({ id }) => id));
    const rows: MessageRow[] = [];
    for (const message of page) {
      rows.push(message);
      if (!message.replies) continue;
      const thread = await ask('chat.thread', { messageId: message.id });
      rows.push(...thread.filter(({ id }) => !own.has(id)));
    }
    said.unshift(...rows);
    before = page[0]?.id;
    if (page.length < PAGE || before === undefined) return withNames(client, channelId, said);
  }
}

/** What they name, as it is called today. */
async function withNames(
  client: KernelClient,
  channelId: string,
  said: readonly MessageRow[],
): Promise<readonly MessageRow[]> {
  const channel = (await client.query('chat.channel', { channelId })) as ChannelAnswer | null;
  const names = new Map<string, string>();
  const ids = new Set(said.flatMap(({ text }) => referencesIn(text)).map(({ id }) => id));
  for (const id of channel ? ids : []) {
    const named = (await client.query('os.named', { spaceId: channel?.spaceId, id })) as NamedAnswer | null;
    if (named) names.set(id, calledNow(named));
  }
  return said.map((row) => ({ ...row, text: renamed(row.text, ({ id }) => names.get(id)) }));
}

/** `pathOf`: where a file of a message lies beside the transcript; one that lies nowhere is named alone. */
export function* transcriptOf(
  title: string,
  messages: readonly MessageRow[],
  pathOf: (attachmentId: string) => string | undefined = () => undefined,
): Generator<string> {
  yield `# ${title}\n`;
  for (const message of messages) yield saidOf(message, pathOf);
}

/** One message of a transcript: who, when, what it answers, the text as it was written, reactions. */
function saidOf(message: MessageRow, pathOf: (attachmentId: string) => string | undefined): string {
  const { author, at, replyTo, reactions, edited, deleted, erased, thread } = message;
  const marks = edited && !deleted ? ` · ${t('export.edited')}` : '';
  const under = thread === null ? '' : '↳ ';
  const answered = replyTo ? `> ${replyTo.author.name}: ${replyTo.text.replace(/\s+/g, ' ')}\n\n` : '';
  const text = erased ? `*${t('export.erased')}*` : deleted ? `*${t('export.removed')}*` : message.text;
  const files = message.attachments
    .map(({ id, name: file }) => {
      const path = pathOf(id);
      const label = file.replace(/([\\[\]])/g, '\\$1');
      return path === undefined ? `${label}\n` : `[${label}](<${path}>)\n`;
    })
    .join('');
  const said = reactions.map(({ emoji, count }) => `${emoji} ${count}`).join('  ');
  const name = author.name.replace(/([\\*_`[\]<>])/g, '\\$1');
  return `\n---\n\n${under}**${name}** · ${stamp(at)}${marks}\n\n${answered}${text}\n${files === '' ? '' : `\n${files}`}${said === '' ? '' : `\n${said}\n`}`;
}
