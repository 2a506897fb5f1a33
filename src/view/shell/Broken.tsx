/** What happened, what is safe, what to do; and a report without anything of the person, to be read and copied. */
import { Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button } from '../kit/Button';
import { copyText } from '../kit/clipboard';
import { spoken, t } from '../kit/i18n';
import { showNotice } from '../kit/Toasts';
import { type Fault, faultReport } from './faultReport';
import './broken.css';

const UNKNOWN = { version: 'unknown', protocol: 'unknown', build: 'unknown' };

export function Broken({
  fault,
  about,
  place,
  onAgain,
}: {
  fault: Fault;
  about: () => Promise<{ readonly version: string; readonly protocol: string; readonly build: string }>;
  place: string;
  onAgain(): void;
}) {
  const [program, setProgram] = useState(UNKNOWN);
  useEffect(() => {
    let here = true;
    // Without an answer the report says that it does not know.
    about().then(
      (told) => here && setProgram(told),
      () => undefined,
    );
    return () => {
      here = false;
    };
  }, [about]);
  const [at] = useState(Date.now);
  const report = faultReport(fault, {
    ...program,
    place,
    browser: navigator.userAgent,
    language: spoken(),
    width: innerWidth,
    height: innerHeight,
    online: navigator.onLine,
    at,
  });
  return (
    <div className="empty broken" role="alert">
      <p>{t('view.broken')}</p>
      <div className="row">
        <Button kind="primary" size="large" onClick={onAgain}>
          {t('tryAgain')}
        </Button>
        <Button kind="line" size="large" onClick={() => location.reload()}>
          {t('reload')}
        </Button>
      </div>
      <details>
        <summary>{t('broken.report')}</summary>
        <p className="hint">{t('broken.reportHint')}</p>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long text is scrolled by keys */}
        <pre tabIndex={0}>{report}</pre>
        <Button
          kind="line"
          icon={Copy}
          onClick={() => void copyText(report).then((done) => done && showNotice(t('copied')))}
        >
          {t('broken.copy')}
        </Button>
      </details>
    </div>
  );
}
