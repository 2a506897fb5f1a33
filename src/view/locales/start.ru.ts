/** The first steps, Russian. */
import type { startEn } from './start.en';

export const startRu: Readonly<Record<keyof typeof startEn, string>> = {
  start: 'Первые шаги',
  'start.count': '{done} из {total}',
  'start.done': ', сделано',
  'start.open': ', ещё не сделано',
  'start.name': 'Назовите себя',
  'start.nameMeans': 'Чтобы другие знали, кто пишет. Имя можно сменить в любое время.',
  'start.message': 'Напишите сообщение',
  'start.messageMeans': 'В канале: другим или себе.',
  'start.document': 'Напишите документ',
  'start.documentMeans': 'Он сохраняется на этом устройстве, пока вы пишете.',
  'start.invite': 'Пригласите кого-нибудь',
  'start.inviteMeans': 'Создайте пространство на двоих и отправьте ссылку.',
  'start.keys': 'Сохраните ключи',
  'start.keysMeans': 'Двенадцать слов на бумаге или файл ключей вернут вас, если этот браузер пропадёт.',
  'start.demo': 'Открыть пространство для пробы',
  'start.demoMeans':
    'Маленькая гавань с каналами, документами и комментариями, чтобы попробовать. Видите её только вы, и она убирается одним нажатием.',
  'start.demoHere': 'Ваше пространство для пробы: уберите его, когда насмотритесь.',
  'start.demoWorking': 'Строится гавань…',
  'start.demoRemove': 'Убрать пространство для пробы',
  'start.demoRemoved': 'Вы вышли из пространства для пробы; ваши пространства не тронуты.',
  'start.dismiss': 'Больше не показывать',
  'start.show': 'Показать первые шаги',
};
