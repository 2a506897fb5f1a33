/** Слова о том, что пишут и как это показано. */
export const writingRu = {
  candidates: 'Кого или что упомянуть',
  'markup.code': 'код',
  'markup.copied': 'Скопировано',
  'markup.copy': 'Скопировать код',
  'markup.done': 'Сделано',
  'markup.open': 'Не сделано',
  'named.left': 'Больше не участник',
  'named.removed': 'удалено',
};
