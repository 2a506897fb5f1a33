/** The language that the screen speaks: the one that is chosen, once its words are here. */
import { useEffect, useState } from 'react';
import { speak, spoken } from './i18n';
import { refusalOf } from './kernel';
import { type Language, useLanguage } from './preferences';
import { showRefusal } from './Toasts';

/** `null` before the first is spoken; later on the one before stays until the next is. */
export function useSpoken(): Language | null {
  const chosen = useLanguage();
  const [language, setLanguage] = useState(spoken() === chosen ? chosen : null);
  useEffect(() => {
    void speak(chosen).then(
      () => setLanguage(spoken()),
      (fault) => showRefusal(refusalOf(fault)),
    );
  }, [chosen]);
  return language;
}
