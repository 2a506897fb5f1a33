/** One invitation in its four forms: QR code, link, a code to say aloud, a text to send. */
import { Check, Copy, Link2, MessageSquareText, Mic } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { InviteRow } from '../../bridge/messages';
import { Button, IconButton } from '../kit/Button';
import { copyText } from '../kit/clipboard';
import { Dialog } from '../kit/Dialog';
import { t } from '../kit/i18n';
import { useCommand, useQuery } from '../kit/kernel';
import { clock } from '../kit/time';
import { invitationText } from './inviting';
import { qrPath } from './qr';

export function CopyButton({ url, small = false }: { url: string; small?: boolean }) {
  const [done, setDone] = useState(false);
  const run = () => void copyText(url).then(setDone);
  if (small)
    return <IconButton small label={t(done ? 'copied' : 'invite.copy')} icon={done ? Check : Copy} onClick={run} />;
  return (
    <Button kind="primary" size="large" icon={done ? Check : Link2} onClick={run}>
      {t(done ? 'copied' : 'invite.copy')}
    </Button>
  );
}

/** `invite`: with its link, so of this device. */
export function InviteShare({ spaceId, invite, url }: { spaceId: string; invite: InviteRow | undefined; url: string }) {
  const spaces = useQuery('os.spaces', {});
  const me = useQuery('os.me', {});
  const [copied, setCopied] = useState(false);
  const picture = useMemo(() => qrPath(url), [url]);
  const copyWords = () => {
    if (!invite) return;
    const text = invitationText({
      space: spaces?.find((space) => space.id === spaceId)?.title ?? '',
      object: invite.object ? invite.object.title.trim() || t('untitled') : null,
      from: me?.name ?? '',
      expiresAt: invite.expiresAt,
      confirm: invite.confirm,
      url,
    });
    void copyText(text).then(setCopied);
  };
  return (
    <div className="give">
      <svg
        className="qr"
        viewBox={`0 0 ${picture.size} ${picture.size}`}
        role="img"
        aria-label={t('invite.qr')}
        shapeRendering="crispEdges"
      >
        <path d={picture.path} fill="#111" />
      </svg>
      <div className="forms">
        <div className="h">{t('invite.link')}</div>
        <div className="row quiet-field">
          <input
            className="field quiet mono"
            readOnly
            value={url}
            aria-label={t('invite.link')}
            onFocus={(event) => event.target.select()}
          />
          <CopyButton url={url} small />
        </div>
        <p className="hint">{t('invite.secret')}</p>
        <Code spaceId={spaceId} invite={invite} />
        <Button
          kind="line"
          icon={copied ? Check : MessageSquareText}
          disabled={invite === undefined}
          onClick={copyWords}
        >
          {t(copied ? 'copied' : 'invite.copyText')}
        </Button>
      </div>
    </div>
  );
}

/** Made only when somebody wants to say it: while it stands, it can be guessed at. */
function Code({ spaceId, invite }: { spaceId: string; invite: InviteRow | undefined }) {
  const command = useCommand();
  const [busy, setBusy] = useState(false);
  if (!invite) return null;
  const show = async () => {
    setBusy(true);
    await command('os.showCode', { spaceId, inviteId: invite.id });
    setBusy(false);
  };
  if (!invite.code)
    return (
      <Button kind="line" icon={Mic} disabled={busy} onClick={() => void show()}>
        {t('invite.code.make')}
      </Button>
    );
  return (
    <div className="say">
      <div className="h">{t('invite.code')}</div>
      <div className="row">
        <output className="code" aria-label={t('invite.code')}>
          {invite.code.text}
        </output>
        <Button size="small" onClick={() => void command('os.hideCode', { inviteId: invite.id })}>
          {t('invite.code.hide')}
        </Button>
      </div>
      <p className="hint">
        {t('invite.code.means', { when: clock(invite.code.endsAt) })}
        {invite.code.triesLeft < 5 ? ` ${t('invite.code.tries', { n: invite.code.triesLeft })}` : null}
      </p>
    </div>
  );
}

/** An invitation made before, once more. */
export function ShowInvite({ spaceId, invite, onClose }: { spaceId: string; invite: InviteRow; onClose(): void }) {
  return (
    <Dialog title={t('invite.again')} onClose={onClose} className="show-invite">
      <div className="db">{invite.url ? <InviteShare spaceId={spaceId} invite={invite} url={invite.url} /> : null}</div>
      <div className="df">{invite.url ? <CopyButton url={invite.url} /> : null}</div>
    </Dialog>
  );
}
