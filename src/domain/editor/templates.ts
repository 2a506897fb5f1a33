/**
 * The templates that come with the product, as Markdown, in both languages. Data alone: whoever offers them loads this when somebody
 * asks for it, and `editor.createDocument` makes the document.
 */
export type Included = {
  readonly key: string;
  readonly icon: string;
  readonly title: string;
  readonly markdown: string;
};

const EN: readonly Included[] = [
  {
    key: 'meeting',
    icon: '🗓',
    title: 'Meeting notes',
    markdown: `**When:** day and time
**Who:** names, by @

## Agenda

1. First point
2. Second point

## Notes

- What was said that matters later

## Decisions

- What we agreed on

## What is to be done

- [ ] Who, what, until when`,
  },
  {
    key: 'decision',
    icon: '⚖️',
    title: 'Decision',
    markdown: `**State:** proposed
**Who decides:** a name, by @
**Until:** a day

## What it is about

The question in two or three sentences, and why it has to be answered now.

## What we could do

| Way | For it | Against it |
| --- | --- | --- |
| A |  |  |
| B |  |  |

## What we decided, and why

Filled in once it is decided.

## What follows

- [ ] Who is told of it
- [ ] What changes`,
  },
  {
    key: 'plan',
    icon: '🎯',
    title: 'Project plan',
    markdown: `> In one sentence: what will be different once this is done.

## Goal

What we want, and for whom.

## How we know that it is reached

- Something that can be seen or measured

## Milestones

| Milestone | Until | Who |
| --- | --- | --- |
|  |  |  |
|  |  |  |

## First steps

- [ ] The very next thing
- [ ] What comes after it

## What could go wrong

- A risk, and what we do about it

## Out of scope

- What we leave for later`,
  },
  {
    key: 'checklist',
    icon: '✅',
    title: 'Checklist',
    markdown: `What this list is for, and when it is gone through.

## Before

- [ ] First thing
- [ ] Second thing

## Meanwhile

- [ ] Third thing

## After

- [ ] Last thing`,
  },
];

const RU: readonly Included[] = [
  {
    key: 'meeting',
    icon: '🗓',
    title: 'Заметки встречи',
    markdown: `**Когда:** день и время
**Участники:** имена, через @

## Повестка

1. Первый вопрос
2. Второй вопрос

## Заметки

- Что прозвучало и пригодится потом

## Решения

- О чём договорились

## Что сделать

- [ ] Кто, что, к какому сроку`,
  },
  {
    key: 'decision',
    icon: '⚖️',
    title: 'Решение',
    markdown: `**Состояние:** предложено
**Кто решает:** имя, через @
**Срок:** дата

## О чём речь

Вопрос в двух-трёх предложениях и почему на него нужно ответить сейчас.

## Варианты

| Вариант | За | Против |
| --- | --- | --- |
| А |  |  |
| Б |  |  |

## Что решили и почему

Заполняется, когда решение принято.

## Что из этого следует

- [ ] Кому сообщить
- [ ] Что поменять`,
  },
  {
    key: 'plan',
    icon: '🎯',
    title: 'План проекта',
    markdown: `> Одним предложением: что изменится, когда всё будет сделано.

## Цель

Чего мы хотим и для кого.

## Как мы поймём, что она достигнута

- Что-то, что можно увидеть или измерить

## Вехи

| Веха | Срок | Кто отвечает |
| --- | --- | --- |
|  |  |  |
|  |  |  |

## Первые шаги

- [ ] Самое ближайшее дело
- [ ] Что будет после него

## Что может пойти не так

- Риск и что мы с ним делаем

## Что не входит в проект

- Что оставляем на потом`,
  },
  {
    key: 'checklist',
    icon: '✅',
    title: 'Чек-лист',
    markdown: `Для чего этот список и когда по нему проходят.

## До начала

- [ ] Первое дело
- [ ] Второе дело

## В процессе

- [ ] Третье дело

## После

- [ ] Последнее дело`,
  },
];

export const includedTemplates = (language: 'en' | 'ru'): readonly Included[] => (language === 'ru' ? RU : EN);
