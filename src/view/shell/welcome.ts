/** The first document of a new person, as Markdown, in the language of the browser. */
const WELCOME = {
  en: {
    space: 'Personal',
    title: 'Welcome to LifeGraph OS',
    markdown: [
      'This tab is now a node of your own network. There is no account and no server that could read what you write.',
      'Everything here is yours: this space is encrypted, and only your devices hold its key.',
      '## Three things to try',
      [
        '- Type in this document. It is saved on this device as you go.',
        '- Create a space for your team with the menu at the top left, then press Share to invite somebody by a link.',
        '- Press Ctrl+K (⌘K on a Mac) to find anything or do anything.',
      ].join('\n'),
      'The mark at the top right tells where your changes are. A square is a beacon, a dot is a device; filled means a signed receipt.',
    ],
  },
  ru: {
    space: 'Личное',
    title: 'Добро пожаловать в LifeGraph OS',
    markdown: [
      'Эта вкладка теперь узел вашей собственной сети. Здесь нет учётной записи и нет сервера, который мог бы прочесть написанное.',
      'Всё здесь ваше: пространство зашифровано, и ключ есть только у ваших устройств.',
      '## С чего начать',
      [
        '- Пишите прямо в этом документе. Он сохраняется на устройстве по ходу дела.',
        '- Создайте пространство для команды в меню слева вверху и нажмите «Поделиться», чтобы пригласить людей по ссылке.',
        '- Нажмите Ctrl+K (⌘K на Mac), чтобы найти что угодно или выполнить любое действие.',
      ].join('\n'),
      'Знак справа вверху говорит, где ваши изменения. Квадрат означает маяк, точка означает устройство; закрашенный знак означает подписанную квитанцию.',
    ],
  },
} as const;

export const welcomeIn = (language: string): { space: string; title: string; markdown: string } => {
  const { space, title, markdown } = WELCOME[language.toLowerCase().startsWith('ru') ? 'ru' : 'en'];
  return { space, title, markdown: markdown.join('\n\n') };
};
