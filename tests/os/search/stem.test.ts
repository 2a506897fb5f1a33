import { expect, test } from 'vitest';
import { stemEnglish } from '../../../src/os/search/english';
import { stemRussian } from '../../../src/os/search/russian';

/** Words and stems of the published sample vocabularies, `word stem` in pairs. */
const ENGLISH = `
  consign consign consigned consign consigning consign consignment consign consistency consist consolation consol
  consolidated consolid conspicuously conspicu conspirators conspir constables constabl constancy constanc
  knackeries knackeri knaves knave kneeling kneel knights knight knocking knock knotty knotti
  abilities abil abbey abbey abdominal abdomin abed abe aboriginally aborigin accuracy accuraci achilles achill
  acquittal acquitt added ad aching ach academy academi activity activ administrative administr admiralty admiralti
  generate generat generously generous communism communism arsenal arsenal happy happi happiness happi enjoy enjoy
  running run hopping hop hoping hope agreed agre feed feed flies fli ties tie caresses caress gas gas gaps gap
  kiwis kiwi skies sky dying die news news succeed succeed outing outing sensational sensat vietnamization vietnam
  conditional condit feudalism feudal formality formal hopefulness hope callousness callous geology geolog
  electricity electr electrical electr triplicate triplic revival reviv adoption adopt controllable control
  yes yes youth youth cry cri by by say say say's say dogs' dog
`;
const RUSSIAN = `
  абиссинию абиссин абонемента абонемент абонировался абонирова абрикосы абрикос августа август авиация авиац
  автомобили автомоб автомобиль автомобил автобиографию автобиограф агафьей агаф адресовано адресова адам ад азии аз
  английского английск ангелочка ангелочк андреевичем андреевич апатически апатическ аплодируя аплодиру аренду аренд
  арестовывают арестовыва аккуратнее аккуратн альбом альб анна ан апельсинничаешь апельсиннича
  вавиловка вавиловк вагнера вагнер вагон вагон вагона вагон вагонов вагон важная важн важнее важн важнейшие важн
  важничал важнича важно важн вазах ваз валандался валанда вали вал валит вал валю вал валялся валя
  па па пава пав падаль падал падать пада падаю пада падение паден падшая падш пакостил пакост палаты палат
`;

const pairs = (text: string): readonly (readonly [string, string])[] => {
  const words = text.trim().split(/\s+/);
  return Array.from({ length: words.length / 2 }, (_, i) => [words[2 * i] as string, words[2 * i + 1] as string]);
};

test('[SE1] the English stemmer gives the published stems', () => {
  for (const [word, stem] of pairs(ENGLISH)) expect(`${word} ${stemEnglish(word)}`).toBe(`${word} ${stem}`);
});

test('[SE1] the Russian stemmer gives the published stems', () => {
  for (const [word, stem] of pairs(RUSSIAN)) expect(`${word} ${stemRussian(word)}`).toBe(`${word} ${stem}`);
});

test.each([
  'задача задачи задаче задачу задачей задачам задачами задачах',
  'документ документа документу документом документе документы документов документами',
  'встреча встречи встречу встречей встречами',
  'важный важная важное важного важному важными важнейший',
  'обсуждение обсуждения обсуждению обсуждением обсуждений обсуждениями',
  'писать писал писала писали писать',
])('[SE1] the forms of one Russian word meet: %s', (forms) => {
  expect(new Set(forms.split(' ').map(stemRussian)).size).toBe(1);
});
