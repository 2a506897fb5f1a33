/** Слова о том, что прошло по связям. */
import type { trafficEn } from './traffic.en';

export const trafficRu: Readonly<Record<keyof typeof trafficEn, string>> = {
  traffic: 'Обмен данными',
  'traffic.kind': 'Для чего: сообщения · размер',
  'traffic.kind.changes': 'Изменения',
  'traffic.kind.files': 'Файлы',
  'traffic.kind.receipts': 'Расписки',
  'traffic.kind.presence': 'Курсоры и набор текста',
  'traffic.kind.introductions': 'Знакомство и приём участников',
  'traffic.kind.comparing': 'Сверка того, что есть у обоих',
  'traffic.kind.link': 'Сами связи',
  'traffic.space': 'Пространство',
  'traffic.counted': '{n, number} · {size}',
  'traffic.bytes': '{n, number} Б',
  'traffic.chart': 'За последние десять минут отправлено {sent}, получено {received}.',
  'traffic.tenMinutes': 'За десять минут: вверх — отправлено, вниз — получено',
  'traffic.most': 'больше всего за десять секунд: {size}',
  'traffic.left': 'Что ушло с этого устройства и кому',
  'traffic.left.means':
    'С запуска, только в памяти. Изменения и файлы уходят запечатанными: тот, у кого нет ключей пространства, например маяк, передаёт дальше то, чего не может прочесть.',
  'traffic.left.none': 'Пока ничего.',
  'traffic.gave.changes':
    '{n, plural, one {# сообщение с изменениями} few {# сообщения с изменениями} other {# сообщений с изменениями}} ({size})',
  'traffic.gave.files':
    '{n, plural, one {# сообщение о файлах} few {# сообщения о файлах} other {# сообщений о файлах}} ({size})',
  'traffic.gave.receipts': '{n, plural, one {# расписка} few {# расписки} other {# расписок}} ({size})',
  'traffic.gave.presence':
    '{n, plural, one {# знак присутствия} few {# знака присутствия} other {# знаков присутствия}} ({size})',
  'traffic.gave.introductions': '{n, plural, one {# знакомство} few {# знакомства} other {# знакомств}} ({size})',
  'traffic.gave.comparing': '{n, plural, one {# сверка} few {# сверки} other {# сверок}} ({size})',
  'traffic.gave.link':
    '{n, plural, one {# сообщение самой связи} few {# сообщения самой связи} other {# сообщений самой связи}} ({size})',
  'traffic.sends': 'Последние отправления, сначала новые',
  'traffic.to': 'кому: {name}',
  'traffic.toIn': 'кому: {name}, {title}',
  'traffic.all': 'Показать все {n, number}',
  'traffic.fewer': 'Показать меньше',
  neighbours: 'Соседи в больших пространствах',
  'neighbours.means':
    'Где в сети много устройств, это устройство связано лишь с немногими; записи идут по дереву от одного к другому, а остальным соседям только сообщается, что они есть.',
  'neighbours.known':
    '{known, plural, one {известно, что там ещё # устройство} few {известно, что там ещё # устройства} other {известно, что там ещё # устройств}}; {n, plural, =0 {соседей пока нет} one {# сосед} few {# соседа} other {# соседей}}',
  'neighbours.entries': 'Сразу получают записи: {names}',
  'neighbours.announcements': 'Только узнают о них: {names}',
};
