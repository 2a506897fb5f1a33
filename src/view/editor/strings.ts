/**
 * The editor's words in both languages. The interface language is the `lang` of the page, which the shell sets.
 */
import { counted } from '../kit/time';

const STRINGS = {
  body: { en: 'Document text', ru: 'Текст документа' },
  title: { en: 'Title', ru: 'Название' },
  untitled: { en: 'Untitled', ru: 'Без названия' },
  placeholder: { en: 'Write, or press “/” for blocks', ru: 'Пишите или нажмите «/», чтобы вставить блок' },
  headingPlaceholder: { en: 'Heading', ru: 'Заголовок' },
  outline: { en: 'Outline', ru: 'Содержание' },
  hereNow: { en: 'Here now', ru: 'Сейчас здесь' },
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
  awayTitle: {
    en: 'The text of this document is not on this device.',
    ru: 'Текста этого документа нет на этом устройстве.',
  },
  awayFetching: {
    en: 'Fetching it from {name}: {got} of {total} changes.',
    ru: 'Загружается: {name}, изменений {got} из {total}.',
  },
  awayHolders: { en: 'It is kept by: {names}.', ru: 'Его хранят: {names}.' },
  awaySilent: {
    en: 'Said to keep it, but did not send it: {names}.',
    ru: 'Заявили, что хранят его, но не прислали: {names}.',
  },
  awayWaits: {
    en: 'It will be fetched as soon as one of them can be reached.',
    ru: 'Он загрузится, как только кто-то из них появится в сети.',
  },
  awayAskAgain: {
    en: 'They are asked again when they come anew.',
    ru: 'Их спросят снова, когда они подключатся заново.',
  },
  awayUnknown: {
    en: 'It is not known who keeps it. It will be fetched as soon as somebody who has it can be reached.',
    ru: 'Неизвестно, кто его хранит. Он загрузится, как только появится кто-то, у кого он есть.',
  },
  awayDevice: { en: 'a device of {name}', ru: 'устройство ({name})' },
  awayOutOfReach: { en: '{name}, out of reach', ru: '{name}, вне доступа' },
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
  mode: { en: 'How you write', ru: 'Как вы пишете' },
  modeEdit: { en: 'Edit', ru: 'Править' },
  modeSuggest: { en: 'Suggest', ru: 'Предлагать' },
  closedMode: {
    en: 'You propose here: what you change becomes a suggestion, which a Member accepts or declines.',
    ru: 'Здесь вы предлагаете: ваши правки становятся предложениями, участник примет их или отклонит.',
  },
  suggestMode: {
    en: 'What you change becomes a suggestion. The document itself stays as it is.',
    ru: 'Ваши правки становятся предложениями. Сам документ не меняется.',
  },
  guestsSuggest: {
    en: 'Only Members edit. Ask an Admin for the Member role.',
    ru: 'Править могут только участники. Попросите администратора дать вам роль участника.',
  },
  proposed: { en: 'Proposed changes', ru: 'Предложенные правки' },
  proposedCount: { en: '{at} of {n}', ru: '{at} из {n}' },
  previousChange: { en: 'Previous change', ru: 'Предыдущая правка' },
  nextChange: { en: 'Next change', ru: 'Следующая правка' },
  accept: { en: 'Accept', ru: 'Принять' },
  acceptAll: { en: 'Accept all', ru: 'Принять все' },
  decline: { en: 'Decline', ru: 'Отклонить' },
  withdraw: { en: 'Withdraw', ru: 'Отозвать' },
  compare: { en: 'Compare', ru: 'Сравнить' },
  note: { en: 'Note', ru: 'Пояснение' },
  noteOf: { en: 'Why you suggest it', ru: 'Почему вы это предлагаете' },
  saveNote: { en: 'Save', ru: 'Сохранить' },
  cancel: { en: 'Cancel', ru: 'Отмена' },
  replaces: { en: '“{out}” becomes “{in}”', ru: '«{out}» станет «{in}»' },
  adds: { en: 'added “{in}”', ru: 'добавлено «{in}»' },
  removes: { en: 'removed “{out}”', ru: 'убрано «{out}»' },
  reshapes: { en: 'another kind of block', ru: 'другой вид блока' },
  stale: { en: 'The text changed since', ru: 'Текст с тех пор изменился' },
  staleGone: { en: 'Its text is not there any more', ru: 'Этого текста больше нет' },
  unreadable: { en: 'This version cannot show the change', ru: 'Эта версия не может показать правку' },
  membersDecide: { en: 'Only Members accept and decline', ru: 'Принимать и отклонять могут только участники' },
  decideInEdit: {
    en: 'Choose “Edit” to accept or decline',
    ru: 'Чтобы принять или отклонить, выберите «Править»',
  },
  accepted: { en: 'Accepted, suggested by {name}', ru: 'Принято. Автор правки: {name}' },
  acceptedMany: { en: 'Accepted: {n}', ru: 'Принято: {n}' },
  declined: { en: 'Declined', ru: 'Отклонено' },
  withdrawn: { en: 'Withdrawn', ru: 'Отозвано' },
  undo: { en: 'Undo', ru: 'Отменить' },
  cannotFit: {
    en: 'The change does not fit the document any more. Compare it and write what you want of it.',
    ru: 'Правка больше не подходит к документу. Сравните и внесите нужное сами.',
  },
  compareTitle: { en: 'Compare', ru: 'Сравнение' },
  whenProposed: { en: 'When it was suggested', ru: 'Когда это предложили' },
  nowReads: { en: 'Now', ru: 'Сейчас' },
  wouldRead: { en: 'As suggested', ru: 'Предложено' },
  acceptAnyway: { en: 'Accept as suggested', ru: 'Принять как предложено' },
  nothingThere: { en: 'Nothing', ru: 'Ничего' },
  you: { en: 'You', ru: 'Вы' },
  comment: { en: 'Comment', ru: 'Комментировать' },
  comments: { en: 'Comments', ru: 'Комментарии' },
  commentsAt: { en: 'Comments here: {n}', ru: 'Комментариев здесь: {n}' },
  unreadAt: { en: 'Comments here: {n}, some unread', ru: 'Комментариев здесь: {n}, есть непрочитанные' },
  startFrom: { en: 'Start from', ru: 'Начать с шаблона' },
  templateAway: {
    en: 'The text of this template is on its way to this device. Try again in a moment.',
    ru: 'Текст этого шаблона ещё загружается на устройство. Повторите чуть позже.',
  },
  isTemplate: { en: 'Template', ru: 'Шаблон' },
  makeLikeIt: { en: 'New document like this', ru: 'Новый документ по шаблону' },
  emptyTask: { en: 'Done: task without words', ru: 'Готово: задача без слов' },
} as const;

export type TextKey = keyof typeof STRINGS;

export function text(key: TextKey, values: Readonly<Record<string, string | number>> = {}): string {
  const language = document.documentElement.lang.startsWith('ru') ? 'ru' : 'en';
  return STRINGS[key][language].replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name] ?? whole;
    return typeof value === 'number' ? counted(value) : value;
  });
}

/** Both languages of a text: what a search for it may be typed in. */
export function inBothLanguages(key: TextKey): string {
  return `${STRINGS[key].en} ${STRINGS[key].ru}`.toLowerCase();
}
