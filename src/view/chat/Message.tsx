/** One message: who, when, what, and at the right edge where it is held. Its acts stand on hover, on focus and in a menu. */
import {
  Copy,
  Ellipsis,
  Eraser,
  EyeOff,
  FilePlus2,
  Flag,
  Info,
  Link,
  MailOpen,
  MessageSquare,
  MessageSquareReply,
  Pencil,
  Pin,
  PinOff,
  Reply,
  SmilePlus,
  Trash2,
  UserRound,
} from 'lucide-react';
import type { KeyboardEvent } from 'react';
import { memo, useEffect, useRef, useState } from 'react';
import { plainOf } from '../../base/markdown/blocks';
import { readable } from '../../base/reference';
import type { MessageRow } from '../../bridge/messages';
import { Barred } from '../kit/access';
import { Button, IconButton } from '../kit/Button';
import { copyText } from '../kit/clipboard';
import { EraseDialog, erasedWords } from '../kit/Erase';
import { Face } from '../kit/Face';
import { sentence, t } from '../kit/i18n';
import { useShowPerson } from '../kit/inspect';
import { useCommand } from '../kit/kernel';
import type { MenuItem } from '../kit/Menu';
import { Menu, RightClick } from '../kit/Menu';
import { StateGlyph, StateMark } from '../kit/marks';
import { Words } from '../kit/markup/Words';
import { ReportDialog } from '../kit/Report';
import { matches } from '../kit/shortcuts';
import { clock, exactly, sinceWhen, useNow } from '../kit/time';
import { Who } from '../kit/Who';
import { WritingField } from '../kit/writing/WritingField';
import { Attachments } from './Attachments';
import { Reactions, reactionItems } from './Reactions';

export type MessageActs = {
  readonly spaceId: string;
  /** Whether this person posts here, or comments and reacts only. */
  readonly posts: boolean;
  reply(row: MessageRow): void;
  /** Opens what was said under it, to go on there; absent inside of a thread. */
  thread?: ((row: MessageRow) => void) | undefined;
  /** Marks it and what follows as unread; absent inside of a thread. */
  unread?: ((row: MessageRow) => void) | undefined;
  copyLink(row: MessageRow): void;
  /** Pins it, or takes the pin away; absent for whoever may not. */
  pin?: ((row: MessageRow) => void) | undefined;
  isPinned(id: string): boolean;
  /** Makes a document of it and of what was said under it; absent for whoever may not. */
  makeDocument?: ((row: MessageRow) => void) | undefined;
  comment(row: MessageRow): void;
  react(row: MessageRow, emoji: string, on: boolean): void;
  edit(row: MessageRow): void;
  saveEdit(row: MessageRow, text: string): Promise<boolean>;
  stopEdit(): void;
  remove(row: MessageRow): void;
  /** Puts a refused message's text back into the composer. */
  takeBack(row: MessageRow): void;
  inspect(row: MessageRow): void;
  jump(id: string): void;
};
export type MessageProps = {
  row: MessageRow;
  joined: boolean;
  editing: boolean;
  found: boolean;
  active: boolean;
  acts: MessageActs;
};

/** Of somebody who is blocked only that there is a message, until it is asked for. */
export const Message = memo(function Message(props: MessageProps) {
  const { row, active } = props;
  const [shown, setShown] = useState(false);
  if (!row.blocked || shown) return <Said {...props} />;
  return (
    <article className="msg c folded" tabIndex={active ? 0 : -1} data-message={row.id}>
      <time dateTime={new Date(row.at).toISOString()} title={exactly(row.at)}>
        {clock(row.at)}
      </time>
      <div className="body">
        <p className="gone">
          {t('message.hidden', { name: row.author.name })}{' '}
          <Button size="small" onClick={() => setShown(true)}>
            {t('message.show')}
          </Button>
        </p>
      </div>
    </article>
  );
});

function Said({ row, joined, editing, found, active, acts }: MessageProps) {
  const command = useCommand();
  const showPerson = useShowPerson(acts.spaceId);
  const [reporting, setReporting] = useState(false);
  const [erasing, setErasing] = useState(false);
  const erase: MenuItem[] = row.mayErase
    ? [{ key: 'erase', label: t('erase'), icon: Eraser, danger: true, onSelect: () => setErasing(true) }]
    : [];
  const items: MenuItem[] = [
    ...(acts.posts ? [{ key: 'reply', label: t('reply'), icon: Reply, onSelect: () => acts.reply(row) }] : []),
    ...(acts.thread && (acts.posts || row.replies)
      ? [{ key: 'thread', label: t('thread.reply'), icon: MessageSquareReply, onSelect: () => acts.thread?.(row) }]
      : []),
    ...(row.mayComment
      ? [{ key: 'comment', label: t('message.comment'), icon: MessageSquare, onSelect: () => acts.comment(row) }]
      : []),
    ...(row.mayEdit ? [{ key: 'edit', label: t('edit'), icon: Pencil, onSelect: () => acts.edit(row) }] : []),
    {
      key: 'copy',
      label: t('message.copy'),
      icon: Copy,
      onSelect: () => void copyText(readable(row.text)),
    },
    { key: 'link', label: t('copyLink'), icon: Link, onSelect: () => acts.copyLink(row) },
    ...(acts.unread && !row.mine
      ? [{ key: 'unread', label: t('message.markUnread'), icon: MailOpen, onSelect: () => acts.unread?.(row) }]
      : []),
    ...(acts.pin
      ? [
          {
            key: 'pin',
            label: t(acts.isPinned(row.id) ? 'pin.remove' : 'pin.add'),
            icon: acts.isPinned(row.id) ? PinOff : Pin,
            onSelect: () => acts.pin?.(row),
          },
        ]
      : []),
    ...(acts.makeDocument
      ? [{ key: 'document', label: t('message.document'), icon: FilePlus2, onSelect: () => acts.makeDocument?.(row) }]
      : []),
    {
      key: 'person',
      label: t('person.about', { name: row.author.name }),
      icon: UserRound,
      onSelect: () => showPerson(row.author),
    },
    { key: 'info', label: t('details'), icon: Info, onSelect: () => acts.inspect(row) },
    ...(row.mine
      ? []
      : [
          { key: 'report', label: t('report'), icon: Flag, onSelect: () => setReporting(true) },
          {
            key: 'block',
            label: row.blocked ? t('member.unblock') : t('message.block', { name: row.author.name }),
            icon: EyeOff,
            onSelect: () => void command(row.blocked ? 'os.unblock' : 'os.block', { userId: row.author.userId }),
          },
        ]),
    ...(row.mayRemove
      ? [
          { key: 'line', line: true as const },
          { key: 'remove', label: t('delete'), icon: Trash2, danger: true, onSelect: () => acts.remove(row) },
        ]
      : []),
    ...erase,
  ];
  const onKey = (event: KeyboardEvent<HTMLElement>) => {
    if (event.target !== event.currentTarget || row.deleted) return;
    if (matches(event, 'messageReply') && acts.posts) acts.reply(row);
    else if (matches(event, 'messageThread') && acts.thread) acts.thread(row);
    else if (matches(event, 'messageComment') && row.mayComment) acts.comment(row);
    else if (matches(event, 'messageEdit') && row.mayEdit) acts.edit(row);
    else if (matches(event, 'messageRemove') && row.mayRemove) acts.remove(row);
    else return;
    event.preventDefault();
  };
  const refused = row.state.step === 'refused';
  const small = joined && row.replyTo === null && row.thread === null;
  const quoted = row.replyTo !== null || (row.thread !== null && acts.thread !== undefined);
  const article = (
    <article
      className={`msg ${small ? 'c' : ''} ${quoted ? 're' : ''} ${found ? 'found' : ''} ${refused ? 'refused' : ''}`}
      tabIndex={active ? 0 : -1}
      data-message={row.id}
      aria-label={t('message.by', { name: row.author.name, clock: clock(row.at) })}
      onKeyDown={onKey}
    >
      {small ? (
        <time dateTime={new Date(row.at).toISOString()} title={exactly(row.at)}>
          {clock(row.at)}
        </time>
      ) : (
        <Who person={row.author} spaceId={acts.spaceId} tabIndex={-1} className="face">
          <Face person={row.author} size={32} />
        </Who>
      )}
      <div className="body">
        {row.replyTo ? (
          <button
            type="button"
            className="quote"
            title={t('message.jump')}
            onClick={() => row.replyTo && acts.jump(row.replyTo.id)}
          >
            <Face person={row.replyTo.author} size={16} />
            <b>{row.replyTo.author.name}</b>
            <span className="cut">
              {row.replyTo.blocked
                ? t('message.hidden', { name: row.replyTo.author.name })
                : plainOf(row.replyTo.text) || t('message.gone')}
            </span>
          </button>
        ) : null}
        {row.thread !== null && acts.thread && row.replyTo === null ? (
          <button type="button" className="quote" onClick={() => acts.thread?.(row)}>
            <MessageSquareReply className="i" size={14} strokeWidth={1.75} aria-hidden />
            <span className="cut">{t('thread.also')}</span>
          </button>
        ) : null}
        {small ? null : (
          <div className="who">
            <Who person={row.author} spaceId={acts.spaceId} tabIndex={active ? 0 : -1} className="text">
              {row.author.name}
            </Who>
            <time dateTime={new Date(row.at).toISOString()} title={exactly(row.at)}>
              {clock(row.at)}
            </time>
          </div>
        )}
        {editing ? (
          <EditInPlace row={row} acts={acts} />
        ) : row.deleted ? (
          <p className="gone">{row.erased ? erasedWords(row.erased) : t('message.gone')}</p>
        ) : (
          <div className="text">
            <Words
              text={row.text}
              spaceId={acts.spaceId}
              tail={row.edited ? <span className="edited">{t('message.edited')}</span> : undefined}
            />
          </div>
        )}
        {row.deleted ? null : <Attachments spaceId={acts.spaceId} rows={row.attachments} />}
        {row.deleted ? null : <Reactions row={row} acts={acts} />}
        {row.replies && acts.thread ? <Replies row={row} open={acts.thread} /> : null}
        {refused ? (
          <span className="st bad" role="status">
            <StateGlyph state={row.state} />
            <span>
              {t('message.refused', {
                reason: row.state.step === 'refused' ? sentence(row.state.reason) : '',
              })}
            </span>
            <button type="button" onClick={() => acts.takeBack(row)}>
              {t('edit')}
            </button>
          </span>
        ) : row.mine && !row.deleted ? (
          <StateMark state={row.state} at={row.at} onOpen={() => acts.inspect(row)} />
        ) : null}
      </div>
      {row.deleted && erase.length > 0 ? (
        <div className="tools" role="toolbar" aria-label={t('message.acts')}>
          <Menu align="end" items={erase}>
            <button type="button" className="ib sm" aria-label={t('more')}>
              <Ellipsis className="i" size={16} strokeWidth={1.75} aria-hidden />
            </button>
          </Menu>
        </div>
      ) : null}
      {editing || row.deleted ? null : (
        <div className="tools" role="toolbar" aria-label={t('message.acts')}>
          {row.mayComment ? (
            <Menu align="end" inLine items={reactionItems(row, acts.react)}>
              <button type="button" className="ib sm" aria-label={t('message.react')} title={t('message.react')}>
                <SmilePlus className="i" size={16} strokeWidth={1.75} aria-hidden />
              </button>
            </Menu>
          ) : null}
          <Barred why={acts.posts ? null : t('message.replyMembers')}>
            <IconButton small label={t('reply')} icon={Reply} onClick={() => acts.reply(row)} />
          </Barred>
          {acts.thread && acts.posts ? (
            <IconButton small label={t('thread.reply')} icon={MessageSquareReply} onClick={() => acts.thread?.(row)} />
          ) : row.mayComment ? (
            <IconButton small label={t('message.comment')} icon={MessageSquare} onClick={() => acts.comment(row)} />
          ) : null}
          {row.mayEdit ? <IconButton small label={t('edit')} icon={Pencil} onClick={() => acts.edit(row)} /> : null}
          {row.mayRemove ? (
            <IconButton small label={t('delete')} icon={Trash2} onClick={() => acts.remove(row)} />
          ) : null}
          <Menu align="end" items={items}>
            <button type="button" className="ib sm" aria-label={t('more')}>
              <Ellipsis className="i" size={16} strokeWidth={1.75} aria-hidden />
            </button>
          </Menu>
        </div>
      )}
    </article>
  );
  return (
    <>
      {row.deleted ? article : <RightClick items={items}>{article}</RightClick>}
      {erasing ? <EraseDialog id={row.id} onClose={() => setErasing(false)} /> : null}
      {reporting ? <ReportDialog id={row.id} onClose={() => setReporting(false)} /> : null}
    </>
  );
}

/** What was said under a message: by whom, how often, when last, and whether some of it is unread. */
function Replies({ row, open }: { row: MessageRow; open: (row: MessageRow) => void }) {
  const now = useNow();
  if (!row.replies) return null;
  const { count, people, at, unread } = row.replies;
  return (
    <button type="button" className="replies" onClick={() => open(row)}>
      <span className="avs" aria-hidden>
        {people.map((person) => (
          <Face key={person.userId} person={person} size={20} />
        ))}
      </span>
      <b>{t('thread.count', { n: count })}</b>
      {unread > 0 ? <span className="new">{t('thread.unread', { n: unread })}</span> : null}
      <span className="t3">{t('thread.last', { when: sinceWhen(at, now) })}</span>
    </button>
  );
}

function EditInPlace({ row, acts }: { row: MessageRow; acts: MessageActs }) {
  const [text, setText] = useState(row.text);
  const input = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    input.current?.focus();
    input.current?.setSelectionRange(input.current.value.length, input.current.value.length);
  }, []);
  const save = async () => {
    if (text.trim() === '' || text === row.text) return acts.stopEdit();
    await acts.saveEdit(row, text);
  };
  return (
    <div className="editing">
      <WritingField
        spaceId={acts.spaceId}
        field={input}
        className="field"
        value={text}
        maxLength={8_000}
        label={t('message.editing')}
        onChange={setText}
        onKey={(event) => {
          if (matches(event, 'letGo')) {
            event.preventDefault();
            event.stopPropagation();
            acts.stopEdit();
          }
          if (matches(event, 'send') && !event.nativeEvent.isComposing) {
            event.preventDefault();
            void save();
          }
        }}
      />
      <div className="row">
        <Button size="small" onClick={acts.stopEdit}>
          {t('cancel')}
        </Button>
        <Button size="small" kind="primary" onClick={() => void save()}>
          {t('save')}
        </Button>
      </div>
    </div>
  );
}
