/** The old device's side of linking: a code for the new one, as a picture and as letters, then the digits of both. */
import { Check, Copy as CopyMark } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import type { LinkingAnswer } from '../../bridge/messages';
import { Button, IconButton } from '../kit/Button';
import { copyText } from '../kit/clipboard';
import { Dialog } from '../kit/Dialog';
import { t } from '../kit/i18n';
import { useCommand, useQuery } from '../kit/kernel';
import { Refused } from '../kit/Refused';
import { Digits } from './Digits';
import { qrPath } from './qr';

export function LinkDialog({ onClose }: { onClose(): void }) {
  const linking = useQuery('os.linking', {});
  const command = useCommand();
  useEffect(() => {
    void command('os.offerLinking', {});
  }, [command]);
  const close = () => {
    void command('os.stopLinking', {});
    onClose();
  };
  return (
    <Dialog title={t('link.device')} onClose={close}>
      <div className="db linking">
        {linking?.side === 'old' ? <Body linking={linking} /> : null}
        {linking?.step === 'failed' ? <Refused message={t(`link.failed.${linking.reason ?? 'late'}`)} /> : null}
      </div>
      <div className="df">
        {linking?.step === 'failed' ? (
          <Button kind="primary" size="large" onClick={() => void command('os.offerLinking', {})}>
            {t('link.newCode')}
          </Button>
        ) : (
          <Button size="large" onClick={close}>
            {t(linking?.step === 'done' ? 'close' : 'cancel')}
          </Button>
        )}
      </div>
    </Dialog>
  );
}

function Body({ linking }: { linking: LinkingAnswer }) {
  if (linking.step === 'comparing' || linking.step === 'confirmed') return <Digits linking={linking} />;
  if (linking.step === 'done')
    return (
      <p className="row" role="status">
        <Check className="i" size={16} strokeWidth={1.75} aria-hidden />
        <span>{t('link.done')}</span>
      </p>
    );
  if (linking.step !== 'waiting') return null;
  return <Offer code={linking.code ?? ''} url={linking.url ?? ''} />;
}

function Offer({ code, url }: { code: string; url: string }) {
  const picture = useMemo(() => qrPath(url), [url]);
  return (
    <>
      <p>{t('link.how')}</p>
      <div className="give">
        <svg
          className="qr"
          viewBox={`0 0 ${picture.size} ${picture.size}`}
          role="img"
          aria-label={t('link.qr')}
          shapeRendering="crispEdges"
        >
          <path d={picture.path} fill="#111" />
        </svg>
        <div>
          <div className="h">{t('link.code')}</div>
          <div className="row">
            <code className="code mono" data-testid="link-code">
              {code}
            </code>
            <Copy text={code} />
          </div>
          <p className="hint">{t('link.codeMeans')}</p>
        </div>
      </div>
    </>
  );
}

function Copy({ text }: { text: string }) {
  const [done, setDone] = useState(false);
  return (
    <IconButton
      small
      label={t(done ? 'copied' : 'link.copy')}
      icon={done ? Check : CopyMark}
      onClick={() => void copyText(text).then(setDone)}
    />
  );
}
