/** The applications, as hosts hand them to a kernel. An app that is not here does not exist. */
import { type App, defineApp } from '../os/schema/define';
import { commands as chatCommands } from './chat/commands';
import { queries as chatQueries } from './chat/queries';
import { types as chatTypes } from './chat/schema';
import { commands as commentCommands } from './comments/commands';
import { queries as commentQueries } from './comments/queries';
import { types as commentTypes } from './comments/schema';
import { commands as editorCommands } from './editor/commands';
import { queries as editorQueries } from './editor/queries';
import { types as editorTypes } from './editor/schema';
import { commands as suggestionCommands, queries as suggestionQueries } from './editor/suggestions';

import { commands as hubCommands } from './hub/commands';
import { queries as hubQueries } from './hub/queries';

import { commands as startCommands } from './start/commands';
import { queries as startQueries } from './start/queries';

export const apps: readonly App[] = [
  defineApp({ name: 'chat', called: ['чат'], types: chatTypes, commands: chatCommands, queries: chatQueries }),
  defineApp({
    name: 'comments',
    called: ['комментарии'],
    types: commentTypes,
    commands: commentCommands,
    queries: commentQueries,
  }),
  defineApp({
    name: 'editor',
    called: ['редактор'],
    types: editorTypes,
    commands: { ...editorCommands, ...suggestionCommands },
    queries: { ...editorQueries, ...suggestionQueries },
  }),
  defineApp({ name: 'hub', types: {}, commands: hubCommands, queries: hubQueries }),
  defineApp({ name: 'start', types: {}, commands: startCommands, queries: startQueries }),
];
