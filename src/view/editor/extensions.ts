/**
 * What a document may hold and how it is edited: the TipTap extensions of every document. The schema is shared by all
 * peers: a node or attribute taken away here would be deleted from documents by y-tiptap, which drops what it cannot read.
 * No trailing node: it answers remote transactions, and every page would add its own.
 */
import type { Extensions } from '@tiptap/core';
import { Extension } from '@tiptap/core';
import { Collaboration } from '@tiptap/extension-collaboration';
import { Link } from '@tiptap/extension-link';
import { TaskItem, TaskList } from '@tiptap/extension-list';
import { TableKit } from '@tiptap/extension-table';
import { Placeholder } from '@tiptap/extensions';
import { Plugin, PluginKey } from '@tiptap/pm/state';
import { StarterKit } from '@tiptap/starter-kit';
import type * as Y from 'yjs';
import { targetOf } from '../kit/ways';
import { BlockIds, repairBlockIds } from './blockIds';
import { Bounds } from './bounds';
import { Cursors } from './cursors';
import { type Names, Naming } from './naming';
import { Slash } from './slash';
import { Steady } from './steady';
import { text } from './strings';
import { type Clicked, NotesShown } from './suggest/notes';
import { BODY } from './twin';

/** Addresses a document may link to: https, mailto and references to people and objects; nothing that runs or reaches into the machine. */
export function isSafeAddress(address: unknown): address is string {
  if (typeof address !== 'string') return false;
  try {
    const { protocol } = new URL(address);
    if (protocol === 'lgos:') return targetOf(address) !== null;
    return protocol === 'https:' || protocol === 'mailto:';
  } catch {
    return false;
  }
}

/** Only the address is content: a peer must not choose the class, target or rel of a link on this page. */
const SafeLink = Link.extend({
  addAttributes() {
    return {
      href: {
        default: null,
        parseHTML: (element) => element.getAttribute('href'),
      },
    };
  },
}).configure({
  openOnClick: false,
  autolink: true,
  linkOnPaste: true,
  markdownLinks: true,
  defaultProtocol: 'https',
  isAllowedUri: isSafeAddress,
  shouldAutoLink: isSafeAddress,
  HTMLAttributes: { target: '_blank', rel: 'noopener noreferrer nofollow' },
});

/** While editing a plain click sets the cursor; with Ctrl or Cmd it follows the link. */
const FollowLinks = Extension.create({
  name: 'followLinks',
  addProseMirrorPlugins() {
    return [
      new Plugin({
        key: new PluginKey('followLinks'),
        props: {
          handleDOMEvents: {
            click: (view, event) => {
              const link = event.target instanceof Element ? event.target.closest('a[href]') : null;
              if (link === null || !view.editable || !(event.ctrlKey || event.metaKey)) return false;
              const address = link.getAttribute('href');
              if (isSafeAddress(address) && targetOf(address) === null)
                window.open(address, '_blank', 'noopener,noreferrer');
              event.preventDefault();
              return true;
            },
          },
        },
      }),
    ];
  },
});

/** Keeps the ids of blocks apart for as long as the editor lives; a twin that may not write repairs nothing. */
const RepairBlockIds = Extension.create<{ doc: Y.Doc | null }>({
  name: 'repairBlockIds',
  addOptions: () => ({ doc: null }),
  addProseMirrorPlugins() {
    const { doc } = this.options;
    return [
      new Plugin({
        key: new PluginKey('repairBlockIds'),
        view: () => ({ destroy: doc === null ? undefined : repairBlockIds(doc, doc.getXmlFragment(BODY)) }),
      }),
    ];
  },
});

export type DocumentSetup = {
  readonly doc: Y.Doc;
  readonly writable: boolean;
  /** Told where the person's cursor is; null where nobody listens. */
  readonly tell: ((state: unknown) => void) | null;
  /** Where a click on a mark, a quote or a proposed change goes. */
  readonly clicked?: (what: Clicked) => void;
  /** What can be named in it; null where nothing is written. */
  readonly names?: Names | null;
  /** An own draft: it starts empty, and nothing of it reaches `doc`. */
  readonly draft?: boolean;
};

export function documentExtensions({
  doc,
  writable,
  tell,
  clicked,
  names = null,
  draft = false,
}: DocumentSetup): Extensions {
  return [
    StarterKit.configure({
      undoRedo: draft ? {} : false,
      trailingNode: false,
      link: false,
      heading: { levels: [1, 2, 3] },
      dropcursor: { width: 2, color: false, class: 'editor-drop' },
      codeBlock: { HTMLAttributes: { spellcheck: 'false' } },
    }),
    SafeLink,
    FollowLinks,
    TaskList,
    TaskItem.configure({
      nested: true,
      a11y: {
        checkboxLabel: (node) =>
          node.textContent === '' ? text('emptyTask') : text('task', { name: node.textContent }),
      },
    }),
    TableKit.configure({ table: { resizable: false } }),
    Bounds,
    Placeholder.configure({
      placeholder: ({ node }) =>
        node.type.name === 'heading'
          ? text('headingPlaceholder')
          : node.type.name === 'paragraph'
            ? text('placeholder')
            : '',
    }),
    ...(draft ? [] : [Collaboration.configure({ document: doc, field: BODY }), Steady]),
    BlockIds,
    ...(writable && !draft ? [RepairBlockIds.configure({ doc })] : []),
    ...(draft ? [] : [Cursors.configure({ tell })]),
    NotesShown.configure({ clicked: clicked ?? null }),
    Slash,
    Naming.configure({ names }),
  ];
}
