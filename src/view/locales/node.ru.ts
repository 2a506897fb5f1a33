/** Слова о том, что устройство измеряет у себя: сеть и место. */
import type { nodeEn } from './node.en';

export const nodeRu: Readonly<Record<keyof typeof nodeEn, string>> = {
  network: 'Сеть',
  'network.show': 'Показать сеть',
  'network.since': 'Считая с {when}:',
  'network.offline': 'Вы работаете без сети. Считая с {when}:',
  'network.hint':
    'Только то, что это устройство измерило само с запуска: целые кадры, посчитанные, когда уходят и приходят.',
  'network.sent': 'отправлено',
  'network.received': 'получено',
  'network.peers': 'Устройства и маяки',
  'network.nobody': 'Никого нет на связи, и с запуска никого не было.',
  'network.unknown': 'Пока неизвестно кто',
  'network.device': 'устройство {id}',
  'network.path.direct': 'напрямую',
  'network.path.beacon': 'через WebSocket',
  'network.path.relayed': 'через маяк',
  'network.path.none': 'сейчас не на связи',
  'network.bySpace': '{n, plural, one {# пространство} few {# пространства} other {# пространств}}',
  'network.rtt': 'Туда и обратно',
  'network.unmeasured': 'ещё не измерено',
  'network.ms': '{n, number} мс',
  'network.beacons': 'Маяки',
  'network.signaling': 'Сигнальные серверы',
  'network.noSignaling': 'Ни один не известен: устройства находят друг друга через маяки или по приглашению.',
  'network.state.open': 'на связи',
  'network.state.dialling': 'соединяется',
  'network.state.waiting': 'не отвечает',
  'network.state.off': 'сейчас не нужен',
  'network.failures':
    '{n, plural, one {# попытка} few {# попытки} other {# попыток}}, снова через {s, plural, one {# секунду} few {# секунды} other {# секунд}}',
};
