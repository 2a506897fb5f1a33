/**
 * What a kernel refuses with, in Russian, by the English sentence: the kernel speaks one language, and views say it in
 * the person's own. Only what somebody can meet on the screen; what is missing here is shown as it came.
 */
export const refusalsRu: Readonly<Record<string, string>> = {
  // What is safe
  'All changes are kept.': 'Все изменения сохранены.',
  'All that was saved is kept.': 'Всё сохранённое цело.',
  'Everything saved before is safe.': 'Всё сохранённое раньше в безопасности.',
  'Everything that counts is here.': 'Всё, что учитывается, здесь.',
  'Everything that was saved is safe.': 'Всё сохранённое в безопасности.',
  'Nothing of this one was done.': 'Это действие не выполнено.',
  'Nothing was changed on this device.': 'На этом устройстве ничего не изменилось.',
  'Nothing was changed.': 'Ничего не изменилось.',
  'Nothing was lost.': 'Ничего не потеряно.',
  'The invite was not used up.': 'Приглашение не израсходовано.',
  'What is stored in this browser is untouched.': 'То, что хранится в этом браузере, не затронуто.',
  'What was saved is safe.': 'Сохранённое в безопасности.',
  'What you wrote before is kept here.': 'Написанное раньше хранится здесь.',
  'What you wrote stays on this device.': 'Написанное остаётся на этом устройстве.',
  'Your name stays as it was.': 'Ваше имя осталось прежним.',
  'Your request is kept.': 'Ваша просьба сохранена.',

  // A graph that does not fit in the memory for it
  'This space is larger than the memory that this device has for it: not all of it is shown.':
    'Это пространство больше, чем память, которая для него есть на этом устройстве: показано не всё.',
  'Everything that came is kept. Nothing new was written.': 'Всё, что пришло, хранится. Нового ничего не записано.',
  'Open it on another device, or go on in a new space.':
    'Откройте его на другом устройстве или продолжите в новом пространстве.',

  // What is kept on this device
  'Close it, or let it go first.': 'Закройте его или перестаньте хранить здесь намеренно.',
  'It stays on this device.': 'Он остаётся на этом устройстве.',
  'Nobody else is known to hold all of this document.': 'Неизвестно, хранит ли кто-то ещё весь этот документ.',
  'Nothing is lost: it was held elsewhere when it was let go of here.':
    'Ничего не потеряно: когда он ушёл отсюда, его хранили другие.',
  'The document is whole, and nothing is lost: they were held elsewhere when they were let go of here.':
    'Документ цел, и ничего не потеряно: когда правки ушли отсюда, их хранили другие.',
  'Open it again when a beacon or another device that holds it can be reached.':
    'Откройте его снова, когда появится маяк или устройство, где он есть.',
  'Something in this document waits for a key, or for an Admin.':
    'Что-то в этом документе ждёт ключа или администратора.',
  'Something in this space is not sent yet.': 'В этом пространстве что-то ещё не отправлено.',
  'The text of this document is not on this device, and nobody who holds it answers now.':
    'Текста этого документа нет на устройстве, и никто из тех, кто его хранит, сейчас не отвечает.',
  'Earlier changes of this document are not on this device, and nobody who holds them answers now.':
    'Прежних правок этого документа нет на устройстве, и никто из тех, кто их хранит, сейчас не отвечает.',
  'Look back again when a beacon or another device that holds them can be reached.':
    'Посмотрите снова, когда будет доступен маяк или другое устройство, которое их хранит.',
  'This document is open, or is to be kept on this device.':
    'Этот документ открыт, или его решено хранить на этом устройстве.',
  'Try again in a moment.': 'Повторите чуть позже.',
  'Try again when it is shown.': 'Повторите, когда это будет показано.',
  'Wait until a beacon or two other devices hold it; the mark beside its title says so.':
    'Подождите, пока его не сохранит маяк или два других устройства: об этом скажет отметка у названия.',

  // History, undo and the past
  'Choose a later moment.': 'Выберите более поздний момент.',
  'Choose a moment of os.moments.': 'Выберите другой момент.',
  'It was not there yet.': 'Тогда этого ещё не было.',
  'Take one of os.history.': 'Выберите изменение из истории.',
  'The space has nothing from then.': 'С того времени в пространстве ничего нет.',
  'There is no such moment in its history.': 'В истории нет такого момента.',
  'There is nothing to redo here.': 'Повторять нечего.',
  'There is nothing to undo here.': 'Отменять нечего.',
  'What was done on other devices, or before the page was loaded, is in the history of each object.':
    'Что сделано на других устройствах или до загрузки страницы, есть в истории каждого объекта.',
  'You may not write what would change.': 'Вам нельзя записать то, что изменилось бы.',

  // Rights
  'A Guest closes only their own threads.': 'Гость закрывает только свои ветки.',
  'A rule set by an Owner lets only others write here.': 'По правилу, заданному владельцем, здесь пишут другие.',
  'Answer the comment instead.': 'Ответьте на комментарий.',
  'Answer the message instead.': 'Ответьте на сообщение.',
  'Ask a Member of the space.': 'Попросите участника пространства.',
  'Ask a Member to close it.': 'Попросите участника её закрыть.',
  'Ask an Admin of the space.': 'Попросите администратора пространства.',
  'Ask an Admin to invite them.': 'Попросите администратора их пригласить.',
  'Ask an Owner of the space.': 'Попросите владельца пространства.',
  'Ask an Owner or Admin for the right to do it.': 'Попросите владельца или администратора дать вам это право.',
  'Ask an Owner or Admin of the space for another role.':
    'Попросите владельца или администратора дать вам другую роль.',
  'Ask an Owner or Admin of the space.': 'Обратитесь к владельцу или администратору пространства.',
  'Ask an Owner to invite you again.': 'Попросите владельца пригласить вас снова.',
  'Ask an Owner to invite you.': 'Попросите владельца вас пригласить.',
  'Ask an Owner to let Members invite Guests.': 'Попросите владельца разрешить участникам приглашать гостей.',
  'Ask one of them.': 'Попросите кого-нибудь из них.',
  'Ask them, or an Admin, to restore it.': 'Попросите вернуть того, кто удалил, или администратора.',
  'Ask them, or whoever founded the space.': 'Обратитесь к этому человеку или к основателю пространства.',
  'Comment on it instead.': 'Оставьте к ней комментарий.',
  'In this space only Admins and Owners invite people.':
    'В это пространство приглашают только администраторы и владельцы.',
  'Only Admins and Owners do this.': 'Это делают только администраторы и владельцы.',
  'Only Members and above decide on suggestions.': 'Правки принимают и отклоняют только участники и выше.',
  'Only Owners set the rules of a space.': 'Правила пространства задают только владельцы.',
  'Only an Owner does this.': 'Это делает только владелец.',
  'Only its author changes a suggestion.': 'Правку меняет только её автор.',
  'Only its author edits a comment.': 'Комментарий меняет только его автор.',
  'Only its author edits a message.': 'Сообщение меняет только его автор.',
  'Only its author or an Admin removes a comment.': 'Комментарий удаляет только его автор или администратор.',
  'Only its author or an Admin removes a message.': 'Сообщение удаляет только его автор или администратор.',
  'Somebody else removed it.': 'Это удалил кто-то другой.',
  'This device was shut out of the space.': 'Это устройство отключено от пространства.',
  'This lies outside what was shared with you.': 'Это не входит в то, чем с вами поделились.',
  'You are not a member of this space any more.': 'Вы больше не участник этого пространства.',
  'You are not a member of this space.': 'Вы не участник этого пространства.',
  'You may not comment here.': 'Здесь вы не можете комментировать.',
  'You may not invite people to this space.': 'Вы не можете приглашать в это пространство.',
  'You may not suggest here.': 'Здесь вы не можете предлагать правки.',
  'You may not write in that part of the space.': 'В этой части пространства вы не можете писать.',
  'Your access to this space has ended.': 'Ваш доступ к этому пространству закончился.',
  'Your role does not allow this change.': 'Ваша роль не позволяет это изменить.',

  // People and invitations
  'Change their role, or remove them.': 'Измените роль или удалите человека из пространства.',
  'Choose a later time.': 'Выберите время позже.',
  'Choose another one.': 'Выберите другую.',
  'Give it, and take it away when it is time.': 'Дайте роль и снимите её, когда придёт время.',
  'Leave the space instead.': 'Можно только выйти из пространства.',
  'Make somebody else an Owner first.': 'Сначала сделайте владельцем кого-то ещё.',
  'Nobody changes their own role this way.': 'Свою роль так не меняют.',
  'Only they can do this themselves.': 'Это может сделать только сам человек.',
  'Refuse the request, or invite them anew.': 'Откажите в просьбе или пригласите заново.',
  'Reload the list of members.': 'Обновите список участников.',
  'Reload the list.': 'Обновите список.',
  'Step down or leave instead.': 'Сложите полномочия или выйдите.',
  'That invite has let in as many people as it may.': 'Это приглашение уже впустило столько, сколько можно.',
  'That person is banned already.': 'Вход этому человеку уже закрыт.',
  'That person is in the space already.': 'Этот человек уже в пространстве.',
  'That person is not banned.': 'Вход этому человеку не закрыт.',
  'That person is not in the space.': 'Этого человека нет в пространстве.',
  'That request is not open any more.': 'Этой просьбы больше нет.',
  'That time is over already.': 'Это время уже прошло.',
  'The key of this space has not come yet.': 'Ключ этого пространства ещё не пришёл.',
  'The role of an Admin or Owner has no end.': 'У роли администратора и владельца нет срока.',
  'They have this role already.': 'Эта роль уже есть.',
  'They were an Owner before you were, or made you one.':
    'Этот человек стал владельцем раньше вас или сделал владельцем вас.',
  'They were banned by somebody of a higher role.': 'Вход закрыл тот, чья роль выше вашей.',
  'Try again when an Owner is online.': 'Попробуйте снова, когда владелец будет в сети.',
  'You are the only Owner, and others are in the space.': 'Вы единственный владелец, а в пространстве есть другие.',
  'You have no lower role than this to step down to.': 'Роли ниже этой нет.',

  // Oneself and devices
  'A name needs a letter.': 'В имени нужна хотя бы одна буква.',
  'A picture is a small image.': 'Картинка должна быть небольшой.',
  'Choose a JPEG, PNG or WebP image.': 'Выберите JPEG, PNG или WebP.',
  'Compare it letter by letter with what you wrote down.': 'Сверьте его по буквам с записанным.',
  'Compare it with the other screen: sixteen letters and digits.':
    'Сверьте его с другим экраном: шестнадцать букв и цифр.',
  'Do it on the device where you began, or restore yourself from your recovery phrase or key file.':
    'Сделайте это на устройстве, где начинали, или восстановите себя по фразе восстановления или файлу ключей.',
  'Link it from the device where you began, or type your recovery phrase on the new one.':
    'Привяжите его с устройства, где начинали, или введите на новом фразу восстановления.',
  'Open the page from a beacon, or use your recovery phrase.':
    'Откройте страницу с маяка или введите фразу восстановления.',
  'That is not a device of yours.': 'Это не ваше устройство.',
  'That is the recovery phrase of who you are here already.': 'Это фраза восстановления того, кто здесь уже есть: вас.',
  'There is no server here through which two devices could meet.':
    'Здесь нет сервера, через который могли бы встретиться два устройства.',
  'There is nothing to bring back.': 'Возвращать нечего.',
  'These words do not make a recovery phrase.': 'Из этих слов не получается фраза восстановления.',
  'This device was linked, so it cannot link another one.':
    'Это устройство само привязано, поэтому привязать другое оно не может.',
  'This device was linked, so it cannot take another one away.':
    'Это устройство само привязано, поэтому удалить другое оно не может.',
  'This is not a code for linking a device.': 'Это не код для привязки устройства.',
  'This is the device you are using.': 'Это устройство, за которым вы сейчас.',
  'Two words may have changed places, or one is wrong.': 'Возможно, два слова поменялись местами или одно неверно.',
  'Type a name.': 'Введите имя.',
  'Type all of them.': 'Введите все слова.',
  'Use another device of yours.': 'Возьмите другое своё устройство.',

  // Content
  'A channel needs a title.': 'Каналу нужно название.',
  'A comment needs some text.': 'В комментарии нужен текст.',
  'A message needs some text.': 'В сообщении нужен текст.',
  'A space needs a title.': 'Пространству нужно название.',
  'Choose another place.': 'Выберите другое место.',
  'It was removed.': 'Это удалено.',
  'It was withdrawn.': 'Правка отозвана.',
  'Restore it first.': 'Сначала верните удалённое.',
  'Suggest it again.': 'Предложите её снова.',
  'There is no such folder or document in this space.': 'Такой папки или такого документа в этом пространстве нет.',
  'This channel was removed.': 'Этот канал удалён.',
  'This comment was removed.': 'Этот комментарий удалён.',
  'This message was removed.': 'Это сообщение удалено.',
  'Type a title.': 'Введите название.',
  'Type something, then send.': 'Напишите что-нибудь и отправьте.',
  'Type something.': 'Напишите что-нибудь.',
  'Write another one.': 'Напишите новый.',

  // Saving, the network, this page
  'A join code has letters and digits.': 'Код маяка состоит из букв и цифр.',
  'Another tab of this browser took over.': 'Работу продолжила другая вкладка этого браузера.',
  'Close some of them.': 'Закройте часть из них.',
  'Free some space and try again.': 'Освободите место и попробуйте снова.',
  'It is sent as soon as an Owner or Admin is online. Try again then.':
    'Всё уйдёт, как только появится владелец или администратор. Попробуйте тогда.',
  'Open the space, or join it by a link.': 'Откройте пространство или войдите в него по ссылке.',
  'Reload the page.': 'Перезагрузите страницу.',
  'Some changes of this document do not count any more.': 'Часть изменений этого документа больше не учитывается.',
  'The document is opened again.': 'Документ открывается снова.',
  'The document was opened anew.': 'Документ открыт заново.',
  'This copy of the document could not follow the others.': 'Эта копия документа не смогла догнать остальные.',
  'This device does not hold that space.': 'На этом устройстве нет такого пространства.',
  'This page fell behind the changes of the document.': 'Эта страница отстала от изменений документа.',
  'This page no longer talks to LGOS.': 'Эта страница больше не связана с LGOS.',
  'This space waits for a new key, and too many changes wait for it already.':
    'Пространству нужен новый ключ, и его ждёт уже слишком много изменений.',
  'Too many changes are waiting to be saved.': 'Слишком много изменений ждут сохранения.',
  'Too many documents are open.': 'Открыто слишком много документов.',
  'Too many things are waiting for an answer.': 'Слишком многое ждёт ответа.',
  'Type the code that the beacon prints when it starts.': 'Введите код, который маяк печатает при запуске.',
  'Wait a moment and try again.': 'Подождите немного и попробуйте снова.',

  // Spaces as files
  'Nothing of the file was kept.': 'Ничего из файла не сохранено.',
  'The space is untouched.': 'Пространство не тронуто.',
  'The file ends too early, or bytes of it were changed.': 'Файл обрывается раньше времени, или в нём изменены байты.',
  'Copy it again from where it was made.': 'Скопируйте его заново оттуда, где он сделан.',
  'A space is being exported already.': 'Одно пространство уже выгружается.',
  'Wait until it is done, or stop it.': 'Дождитесь конца или остановите выгрузку.',
  'A file is being brought in already.': 'Файл уже загружается.',
  'Bringing the file in was stopped.': 'Загрузка файла остановлена.',
  'Begin again when you like.': 'Начните снова, когда захотите.',
  'What had come so far is kept in the space: each change stands for itself.':
    'Что уже пришло, осталось в пространстве: каждое изменение стоит само по себе.',
  'Bring the file in again for the rest.': 'Загрузите файл снова, чтобы пришло остальное.',
  'The export was stopped.': 'Выгрузка остановлена.',
  'Begin it again when you like.': 'Начните её снова, когда захотите.',
  'The text of some documents lies on other devices alone, and nobody who holds it answers now.':
    'Текст некоторых документов есть только на других устройствах, и сейчас никто из них не отвечает.',
  'Try again when a beacon or another device that holds it can be reached.':
    'Попробуйте снова, когда будет доступен маяк или другое устройство, где он есть.',
  'This device holds no key of that space.': 'На этом устройстве нет ключа этого пространства.',
  'Export it without keys, or on another device.': 'Выгрузите его без ключей или с другого устройства.',
  'The space is larger than one file may be (1 GB).': 'Пространство больше, чем может быть один файл (1 ГБ).',
  'Use a beacon for it.': 'Воспользуйтесь для него маяком.',
  'This is not a file of a space that LifeGraph OS exported.': 'Это не файл пространства, выгруженный из LifeGraph OS.',
  'Choose the .zip of an export, or the journal.lgos in it.': 'Выберите .zip выгрузки или journal.lgos из него.',
  'This file is of a later version of LifeGraph OS.': 'Этот файл сделан более новой версией LifeGraph OS.',
  'Update LifeGraph OS first.': 'Сначала обновите LifeGraph OS.',
  'The keys in this file are under a passphrase.': 'Ключи в этом файле закрыты парольной фразой.',
  'Type the passphrase of the file.': 'Введите парольную фразу файла.',
  'The passphrase does not open the keys in this file.': 'Эта парольная фраза не открывает ключи в файле.',
  'Type the one that was chosen when it was made.': 'Введите ту, которую выбрали, когда его делали.',
  'The file holds something that the space does not allow, or that nobody of it signed.':
    'В файле есть то, чего пространство не допускает или что никто из него не подписывал.',
  'Do not trust it. Ask for another copy.': 'Не доверяйте ему. Попросите другую копию.',
  'The file holds changes from the future: the clock of this device is behind.':
    'В файле есть изменения из будущего: часы этого устройства отстают.',
  'Set the clock and try again.': 'Поставьте часы и попробуйте снова.',
  'This file holds no key, and you are not in its space: nothing of it can be read.':
    'В этом файле нет ключей, а вас нет в его пространстве: прочитать в нём ничего нельзя.',
  'Ask for a file with keys, or become the person who is in the space (Settings, Keys).':
    'Попросите файл с ключами или откройте здесь ключи того, кто есть в пространстве (Настройки, Ключи).',
  'This device could not write what the file holds.': 'Это устройство не смогло записать то, что есть в файле.',
  'Reload the page and try again.': 'Загрузите страницу заново и попробуйте снова.',
  'There is no room on this device for what the file holds.':
    'На этом устройстве нет места для того, что есть в файле.',

  // Connecting without a server
  'This is not a text for connecting without a server.': 'Это не текст для соединения без сервера.',
  'Copy all of what the other device shows: it begins with lgos-pair.':
    'Скопируйте целиком то, что показывает другое устройство: оно начинается с lgos-pair.',
  'This text was made by another version of LGOS.': 'Этот текст сделан другой версией LGOS.',
  'Bring both devices to the same version.': 'Обновите оба устройства до одной версии.',
  'This text is for a space that this device does not have, or it was changed on the way.':
    'Этот текст для пространства, которого нет на этом устройстве, или его изменили по дороге.',
  'Choose a space that both devices have, and copy the whole text again.':
    'Выберите пространство, которое есть на обоих устройствах, и скопируйте весь текст ещё раз.',
  'This text is older than ten minutes, or the clock of one of the devices is wrong.':
    'Этому тексту больше десяти минут, или часы одного из устройств идут неверно.',
  'Begin again on the first device.': 'Начните заново на первом устройстве.',
  'This text was made on this very device.': 'Этот текст сделан на этом же устройстве.',
  'Open it on the other one.': 'Откройте его на другом.',
  'This is an answer to something that this device does not offer any more.':
    'Это ответ на то, чего это устройство больше не предлагает.',
  'Begin again, and leave the window open until the answer is here.':
    'Начните заново и не закрывайте окно, пока не придёт ответ.',
  'The device that made this text is not in the space.': 'Устройства, которое сделало этот текст, нет в пространстве.',
  'Invite its person first.': 'Сначала пригласите его владельца.',
  'Choose a space that both devices have.': 'Выберите пространство, которое есть на обоих устройствах.',
  'This page makes no direct connections.': 'Эта страница не устанавливает прямых соединений.',
  'Open it without links=relay, in a browser that has WebRTC.':
    'Откройте её без links=relay в браузере, где есть WebRTC.',
  'You work offline.': 'Вы работаете без сети.',
  'Go online first; no internet is needed.': 'Сначала выйдите в сеть; интернет для этого не нужен.',
};
