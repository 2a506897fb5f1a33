/**
 * A space as a team of five leaves it after three days of work: conversations with answers, threads and reactions, two languages,
 * documents in a folder, comments, and something that waits for whoever looks. Made by their own kernels, over a network in
 * memory and by a clock that is behind; given as a bundle with an open link.
 */
import { toBase64Url } from '../../src/base/bytes';
import type { KernelApi } from '../../src/bridge/messages';
import { systemClock } from '../../src/platform/clock';
import { converged, createFleet, until } from './fleet';

export type Team = {
  /** Base64url. */
  readonly bundle: string;
  readonly url: string;
  readonly space: string;
  readonly channel: string;
  readonly document: string;
};

const HOUR = 3_600_000;
const MINUTE = 60_000;
const NAMES = ['Anna Sorokina', 'Maya Okafor', 'Tomas Lindqvist', 'Илья Белов', 'Денис Котов'] as const;
const CHANNELS = [
  ['announcements', 'What everybody has to know'],
  ['buoy-3', 'Bench, hull, launch before the ice'],
  ['firmware', 'Log format, power, radio'],
  ['выезды', 'Кто, когда, на чём'],
  ['permits', ''],
] as const;
const PROTOCOL = [
  'Each sensor is compared with the reference probe at five points between 0 and 20 °C.',
  'If one sensor in a batch drifts, replace the thermistor in all three. Wait forty minutes at each point: the housing is slow to settle.',
  'Below 4 °C the old thermistors read up to 2.1 % high. Do not sign a certificate from a run made before Wednesday.',
].join('\n');

/** `viewer` looks at it afterwards, and is spoken to. */
export const team = async (viewer: { readonly userId: string; readonly name: string }): Promise<Team> => {
  let behind = 52 * HOUR;
  const clock = { now: () => Date.now() - behind, after: systemClock().after };
  const fleet = await createFleet(3);
  try {
    const people: KernelApi[] = [];
    for (const [i, name] of NAMES.entries()) {
      const person = await fleet.tab(`p${i}`, { clock, beacon: false });
      await person.setName(name);
      people.push(person);
    }
    const [anna, maya, tomas, ilya, denis] = people as [KernelApi, KernelApi, KernelApi, KernelApi, KernelApi];
    const { id: space } = await anna.createSpace({ title: 'Ladoga field team', kind: 'team' });
    const { url: opened } = await anna.invite(space, { role: 'member', uses: 4 });
    for (const person of [maya, tomas, ilya, denis]) await person.join(opened);
    /** What it names may still be on its way to whoever does it. */
    const does = (who: KernelApi, name: string, args: object): Promise<string> =>
      until(async () => {
        const made = await who.run(name, args).catch(() => undefined);
        return made ? (made.id ?? ' ') : '';
      }, name);
    const at = (hours: number, minutes = 0): void => {
      behind = hours * HOUR - minutes * MINUTE;
    };
    const channels: string[] = [];
    for (const [title, topic] of CHANNELS) {
      const channelId = await does(anna, 'chat.createChannel', { spaceId: space, title });
      if (topic !== '') await does(anna, 'chat.setTopic', { channelId, topic });
      channels.push(channelId);
    }
    const [news, buoy, firmware, trips, permits] = channels as [string, string, string, string, string];
    const say = (who: KernelApi, channelId: string, text: string, more: object = {}): Promise<string> =>
      does(who, 'chat.send', { channelId, text, ...more });
    const react = (who: KernelApi, messageId: string, emoji: string): Promise<string> =>
      does(who, 'chat.react', { messageId, emoji });
    const folder = await does(tomas, 'editor.createFolder', { spaceId: space, title: 'Field notes 2026' });
    const write = async (who: KernelApi, title: string, text: string, parent?: string): Promise<string> => {
      const id = await does(who, 'editor.createDocument', { spaceId: space, title, ...(parent ? { parent } : {}) });
      if (text !== '') await who.insertText(id, 0, text);
      return id;
    };
    const document = await write(tomas, 'Calibration protocol v2', PROTOCOL);
    await write(ilya, 'Журнал датчика 3B', 'Похоже на дрейф термистора, а не ячейки.', folder);
    await write(maya, 'Launch checklist', 'Passes, tow line, spare batteries.', folder);
    await write(denis, 'Запас термисторов', 'На складе пять, один из них старый.');

    at(47);
    await say(anna, news, 'Launch window is **8 to 10 December**. Whoever cannot come, say so by Friday.');
    const bench = await say(
      tomas,
      buoy,
      'Bench run finished. 3B reads 2.1 % high below 4 °C, the other two stay inside 0.4 %.',
    );
    await react(maya, bench, '👀');
    await react(ilya, bench, '👀');
    await react(anna, bench, '👍');
    at(47, 9);
    const drift = await say(
      ilya,
      buoy,
      'Похоже на дрейф термистора, а не ячейки. У 3A в прошлом году было то же самое после ночи в холодильнике.',
    );
    await say(maya, buoy, 'Swapped the thermistor on the spare unit, running it overnight at 2 °C.', { thread: drift });
    await say(tomas, buoy, 'The salt bath is free until Thursday.', { thread: drift });
    at(46);
    await say(tomas, firmware, 'Log format v3 is in [Calibration protocol v2](lgos:node/'.concat(document, ').'));
    await say(denis, trips, 'Катер свободен с восьмого. Ворота открывают в семь, нужны пропуска.');

    at(23);
    const swap = await say(
      maya,
      buoy,
      'Overnight run is flat, 0.3 % at 2 °C. So it is the thermistor. I would rather swap all three than recalibrate one and wonder about the rest.',
    );
    await react(tomas, swap, '👍');
    await react(ilya, swap, '👍');
    at(22, 30);
    await say(
      anna,
      buoy,
      `Agreed. I moved the deadline and updated [Calibration protocol v2](lgos:node/${document}).`,
      {
        replyTo: swap,
      },
    );
    await say(anna, buoy, 'Денис, сколько термисторов осталось на складе? Нужно шесть и два запасных.');
    await say(denis, buoy, 'На складе пять, один из них старый. Закажу восемь:\n\n- шесть на буи\n- два запасных');
    await does(maya, 'comments.add', {
      objectId: document,
      text: 'Forty is for the steel housing. The printed one needs an hour.',
    });
    at(3);
    await say(ilya, firmware, 'The radio sleeps now: `0.8 mA` instead of `11 mA`.');
    await say(
      maya,
      permits,
      `The harbour sent the form. [@${viewer.name}](lgos:user/${viewer.userId}), it needs your signature by Friday.`,
    );
    await say(
      maya,
      buoy,
      `[@${viewer.name}](lgos:user/${viewer.userId}), could you look at § 2 before I print the certificate?`,
    );
    at(2);
    await say(tomas, buoy, 'Five-point curve for 3B starts at ten. Nobody opens the bath until noon, please 🙏');

    at(0.1);
    const { url } = await anna.invite(space, { role: 'admin', uses: 9 });
    await converged(people, space);
    const bundle = toBase64Url(await anna.exportSpace(space));
    return { bundle, url, space, channel: buoy, document };
  } finally {
    await fleet.stop();
  }
};
