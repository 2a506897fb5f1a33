/**
 * The editor's words in both languages. The interface language is the `lang` of the page, which the shell sets.
 */
const STRINGS = {
  body: { en: 'Document text', ru: 'Текст документа' },
  title: { en: 'Title', ru: 'Название' },
  untitled: { en: 'Untitled', ru: 'Без названия' },
  placeholder: { en: 'Write, or press “/” for blocks', ru: 'Пишите или нажмите «/», чтобы вставить блок' },
  headingPlaceholder: { en: 'Heading', ru: 'Заголовок' },
  outline: { en: 'Outline', ru: 'Содержание' },
  hereNow: { en: 'Here now', ru: 'Сейчас здесь' },
  noHeadings: { en: 'Headings show here', ru: 'Здесь появятся заголовки' },
  opening: { en: 'Opening the document', ru: 'Документ открывается' },
  readOnly: {
    en: 'You can read this document but not change it. Ask an admin of the space for the member role.',
    ru: 'Вы можете читать этот документ, но не изменять. Попросите администратора пространства дать вам роль участника.',
  },
  deleted: {
    en: 'This document was deleted. Its text is kept and can be restored from the history.',
    ru: 'Этот документ удалён. Его текст сохранён, его можно восстановить из истории.',
  },
  missing: { en: 'This document is not on this device yet.', ru: 'Этого документа ещё нет на устройстве.' },
  dismiss: { en: 'Dismiss', ru: 'Закрыть' },
  copyLost: { en: 'Copy what I wrote', ru: 'Скопировать написанное' },
  copied: { en: 'Copied', ru: 'Скопировано' },
  retry: { en: 'Try again', ru: 'Повторить' },
  blocks: { en: 'Blocks', ru: 'Блоки' },
  nothingFound: { en: 'No such block', ru: 'Такого блока нет' },
  text: { en: 'Text', ru: 'Текст' },
  heading1: { en: 'Heading 1', ru: 'Заголовок 1' },
  heading2: { en: 'Heading 2', ru: 'Заголовок 2' },
  heading3: { en: 'Heading 3', ru: 'Заголовок 3' },
  bulletList: { en: 'Bulleted list', ru: 'Список' },
  orderedList: { en: 'Numbered list', ru: 'Нумерованный список' },
  taskList: { en: 'Task list', ru: 'Список задач' },
  table: { en: 'Table', ru: 'Таблица' },
  tableHint: { en: '3 by 3', ru: '3 на 3' },
  code: { en: 'Code', ru: 'Код' },
  quote: { en: 'Quote', ru: 'Цитата' },
  divider: { en: 'Divider', ru: 'Разделитель' },
  marks: { en: 'Formatting', ru: 'Оформление' },
  bold: { en: 'Bold', ru: 'Полужирный' },
  italic: { en: 'Italic', ru: 'Курсив' },
  underline: { en: 'Underline', ru: 'Подчёркнутый' },
  strike: { en: 'Strikethrough', ru: 'Зачёркнутый' },
  inlineCode: { en: 'Code', ru: 'Код' },
  link: { en: 'Link', ru: 'Ссылка' },
  linkAddress: { en: 'Address, https:// or mailto:', ru: 'Адрес, https:// или mailto:' },
  badLink: { en: 'Only https and mailto addresses', ru: 'Только адреса https и mailto' },
  removeLink: { en: 'Remove link', ru: 'Убрать ссылку' },
  task: { en: 'Done: {name}', ru: 'Готово: {name}' },
  emptyTask: { en: 'Done: task without words', ru: 'Готово: задача без слов' },
} as const;

export type TextKey = keyof typeof STRINGS;

export function text(key: TextKey, values: Readonly<Record<string, string | number>> = {}): string {
  const language = document.documentElement.lang.startsWith('ru') ? 'ru' : 'en';
  return STRINGS[key][language].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** Both languages of a text: what a search for it may be typed in. */
export function inBothLanguages(key: TextKey): string {
  return `${STRINGS[key].en} ${STRINGS[key].ru}`.toLowerCase();
}
