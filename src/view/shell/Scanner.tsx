/** What the camera sees, until a QR code is in it. */
import { useEffect, useRef } from 'react';
import { t } from '../kit/i18n';
import { scan } from './scan';

export function Scanner({ onFound, onGone }: { onFound(text: string): void; onGone(): void }) {
  const video = useRef<HTMLVideoElement>(null);
  const told = useRef({ onFound, onGone });
  told.current = { onFound, onGone };
  useEffect(() => {
    if (!video.current) return;
    return scan(video.current, {
      found: (text) => told.current.onFound(text),
      refused: () => told.current.onGone(),
    });
  }, []);
  return <video ref={video} className="scanner" muted playsInline aria-label={t('link.scanning')} />;
}
