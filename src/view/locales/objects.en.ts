/** The words of templates, of people and of objects shown as cards. Spread into en.ts. */
export const objectsEn = {
  'card.by': '{name} wrote',
  'person.about': 'About {name}',
  'template.choose': 'New document from a template',
  'template.howOwn': 'Mark any document as a template in its menu, and it is offered here.',
  'template.included': 'Included',
  'template.make': 'New document like this',
  'template.mark': 'Use as a template',
  'template.new': 'New document from template…',
  'template.own': 'Templates of this space',
  'template.unmark': 'No longer a template',
} as const;
