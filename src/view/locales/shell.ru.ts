/** Слова рамки: боковая панель, места, клавиши, свойства, корзина, настройки. Spread into ru.ts. */
import type { shellEn } from './shell.en';

export const shellRu: Readonly<Record<keyof typeof shellEn, string>> = {
  copyLink: 'Скопировать ссылку',
  'copyLink.done': 'Ссылка скопирована. Её откроют те, кто есть в пространстве.',
};
