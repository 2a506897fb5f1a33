/** Слова чата: ветки, чтение, закреплённое, файлы. */
export const chatRu = {
  'channel.allRead': 'Считать всё пространство прочитанным',
  'channel.allReadDone': 'Всё отмечено как прочитанное.',
  level: 'Сообщать мне',
  'level.all': 'Обо всём',
  'level.is.all': 'Уведомления: обо всём',
  'level.is.mentions': 'Уведомления: когда упоминают меня',
  'level.is.none': 'Уведомления: ни о чём',
  'level.mentions': 'Когда упоминают меня',
  'level.none': 'Ни о чём',
  'message.below': '{n, plural, one {# новое} few {# новых} other {# новых}}',
  'message.markUnread': 'Считать непрочитанным отсюда',
  thread: 'Ветка',
  'thread.also': 'Сказано в ветке и здесь',
  'thread.alsoTo': 'Показать и в {title}',
  'thread.count': '{n, plural, one {# ответ} few {# ответа} other {# ответов}}',
  'thread.last': 'последний {when}',
  'thread.missing': 'Этого сообщения нет на устройстве, или его удалили.',
  'thread.news':
    '{n, plural, one {# новый ответ} few {# новых ответа} other {# новых ответов}} в {threads, plural, one {# ветке} other {# ветках}}',
  'thread.reply': 'Ответить в ветке',
  'thread.unread': '{n, plural, one {# новый} few {# новых} other {# новых}}',
};
