/** The words of templates, of people and of objects shown as cards, Russian. */
import type { objectsEn } from './objects.en';

export const objectsRu: Record<keyof typeof objectsEn, string> = {
  'card.by': '{name} пишет',
  'person.about': 'О человеке: {name}',
  'template.choose': 'Новый документ по шаблону',
  'template.howOwn': 'Отметьте любой документ как шаблон в его меню, и он появится здесь.',
  'template.included': 'Готовые',
  'template.make': 'Новый документ по этому шаблону',
  'template.mark': 'Использовать как шаблон',
  'template.new': 'Новый документ по шаблону…',
  'template.own': 'Шаблоны этого пространства',
  'template.unmark': 'Больше не шаблон',
};
