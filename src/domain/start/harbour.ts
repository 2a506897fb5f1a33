/**
 * A small harbour to play in: channels, threads, documents and comments that somebody might have written. Data, in two
 * languages. Its people are invented, and their words stand as quotations in messages of whoever began the demo: nobody is
 * pretended to be there.
 */

/** Runs a command; `as` names what it made, which later steps call by `{name}`, in texts too. */
type DemoStep =
  | {
      readonly run: string;
      readonly args: Readonly<Record<string, string>>;
      readonly as?: string;
    }
  /** Writes text at the beginning of a document. */
  | { readonly write: string; readonly text: string };
type Demo = { readonly title: string; readonly steps: readonly DemoStep[] };

type Words = {
  readonly title: string;
  readonly channels: readonly (readonly [title: string, topic: string])[];
  readonly folder: string;
  readonly plan: readonly [title: string, text: string];
  readonly list: readonly [title: string, text: string];
  readonly hello: string;
  readonly ferry: readonly [question: string, answers: readonly string[]];
  readonly boat: readonly string[];
  readonly tea: readonly string[];
  readonly remark: string;
};

const EN: Words = {
  title: 'Harbour (a demo)',
  channels: [
    ['harbour', 'What goes out, what comes in'],
    ['boats', 'Engines, ropes, paint'],
    ['kitchen', 'Tea at four'],
  ],
  folder: 'Season',
  plan: [
    'Launch on the first of May',
    [
      'The crane is ours from seven to noon, so the heavy boats go first.',
      'Ladoga Tern needs two people on the ropes and one on the quay.',
      'Whoever has nothing to do at ten makes the tea.',
      'If the wind is above eight metres a second, we wait an hour and look again. Nobody launches alone.',
    ].join('\n'),
  ],
  list: [
    'What the Tern still needs',
    [
      'A new impeller for the pump. The old one goes into the box of spares.',
      'Two fathoms of rope, the blue one.',
      'Somebody who knows where the second oar is.',
    ].join('\n'),
  ],
  hello:
    'This space is a demo: **everything in it was written by you**, just now, so that there is something to play with. Its people are invented, and their words are quoted. Change it, answer it, throw it away: First steps, at the foot of the sidebar, removes all of it at once.',
  ferry: [
    '> **Vera, at the ferry:** The ferry is twenty minutes late. Does anybody need a hand on the quay until then?',
    [
      '> **Osip:** Yes! The Tern has to turn round before noon, and I have two hands.',
      '> **Vera:** I bring a rope. The blue one.',
    ],
  ],
  boat: [
    '> **Osip:** The pump of the Tern runs dry after a minute. I wrote down what is missing: {list}',
    '> **Marta:** The part is `impeller 09-1027B`. Two shops have it:\n\n1. the one by the bridge, **until six**\n2. the one nobody finds',
    '> **Osip:** So the one nobody finds, then.',
  ],
  tea: ['> **Marta:** Tea at four. Whoever comes late washes up.', '> **Vera:** The ferry is late. I wash up.'],
  remark: '> **Marta:** Seven is early for the crane driver. Ask him twice.',
};

const RU: Words = {
  title: 'Гавань (демо)',
  channels: [
    ['гавань', 'Что выходит и что приходит'],
    ['лодки', 'Моторы, верёвки, краска'],
    ['кухня', 'Чай в четыре'],
  ],
  folder: 'Сезон',
  plan: [
    'Спуск на воду первого мая',
    [
      'Кран наш с семи до полудня, поэтому тяжёлые лодки идут первыми.',
      'Для «Ладожской крачки» нужны двое на верёвках и один на причале.',
      'Кому в десять нечего делать, тот заваривает чай.',
      'Если ветер сильнее восьми метров в секунду, ждём час и смотрим снова. Никто не спускает лодку в одиночку.',
    ].join('\n'),
  ],
  list: [
    'Чего не хватает «Крачке»',
    [
      'Новой крыльчатки для насоса. Старая пойдёт в ящик с запасными.',
      'Четырёх метров верёвки, синей.',
      'Кого-нибудь, кто знает, где второе весло.',
    ].join('\n'),
  ],
  hello:
    'Это пространство для пробы: **всё в нём написано вами**, только что, чтобы было с чем играть. Люди в нём выдуманы, и слова их стоят как цитаты. Меняйте, отвечайте, выбрасывайте: «Первые шаги» внизу боковой панели уберут всё разом.',
  ferry: [
    '> **Вера, у парома:** Паром опаздывает на двадцать минут. Помочь пока кому-нибудь на причале?',
    ['> **Осип:** Да! «Крачку» надо развернуть до полудня, а рук у меня две.', '> **Вера:** Несу верёвку. Синюю.'],
  ],
  boat: [
    '> **Осип:** Насос на лодке «Крачка» через минуту хватает воздух. Я записал, чего не хватает: {list}',
    '> **Марта:** Деталь называется `крыльчатка 09-1027B`. Она есть в двух магазинах:\n\n1. в том, что у моста, **до шести**\n2. в том, который никто не находит',
    '> **Осип:** Значит, в том, который никто не находит.',
  ],
  tea: ['> **Марта:** Чай в четыре. Кто опоздает, моет посуду.', '> **Вера:** Паром опаздывает. Мою я.'],
  remark: '> **Марта:** Для крановщика семь утра рано. Спросите его дважды.',
};

/** The ids of the space, and of what the steps name, stand in braces. */
export const harbourIn = (language: 'en' | 'ru'): Demo => {
  const words = language === 'ru' ? RU : EN;
  const spaceId = '{space}';
  const [harbour, boats, kitchen] = words.channels.map(([title], i): DemoStep => {
    const as = ['harbour', 'boats', 'kitchen'][i] as string;
    return { run: 'chat.createChannel', args: { spaceId, title }, as };
  }) as [DemoStep, DemoStep, DemoStep];
  const topics = words.channels.map(
    ([, topic], i): DemoStep => ({
      run: 'chat.setTopic',
      args: { channelId: `{${['harbour', 'boats', 'kitchen'][i]}}`, topic },
    }),
  );
  const say = (channel: string, text: string, more: Readonly<Record<string, string>> = {}, as = 'said'): DemoStep => ({
    run: 'chat.send',
    args: { channelId: `{${channel}}`, text, ...more },
    as,
  });
  const write = (as: string, [title, text]: readonly [string, string]): readonly DemoStep[] => [
    { run: 'editor.createDocument', args: { spaceId, title, parent: '{folder}' }, as },
    { write: `{${as}}`, text },
  ];
  const [question, answers] = words.ferry;
  const link = `[${words.list[0]}](lgos:node/{list})`;
  return {
    title: words.title,
    steps: [
      harbour,
      boats,
      kitchen,
      ...topics,
      { run: 'editor.createFolder', args: { spaceId, title: words.folder }, as: 'folder' },
      ...write('plan', words.plan),
      ...write('list', words.list),
      { run: 'comments.add', args: { objectId: '{plan}', text: words.remark } },
      ...words.boat.map((text) => say('boats', text.replace('{list}', link))),
      { run: 'chat.react', args: { messageId: '{said}', emoji: '😄' } },
      ...words.tea.map((text) => say('kitchen', text)),
      say('harbour', words.hello),
      say('harbour', question, {}, 'ferry'),
      ...answers.map((text) => say('harbour', text, { thread: '{ferry}' })),
      { run: 'chat.react', args: { messageId: '{ferry}', emoji: '👍' } },
    ],
  };
};
