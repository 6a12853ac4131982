/** Valid files with a password: description, content, and the password that every program must read from the file. */
export const USABLE: readonly [what: string, bytes: Buffer, value: string][] = [
  ['no end of the line', Buffer.from('p w:ä"\\'), 'p w:ä"\\'],
  ['the line feed of an editor', Buffer.from('secret\n'), 'secret'],
  ['the line end of Windows', Buffer.from('secret\r\n'), 'secret'],
  ['several line ends', Buffer.from('secret\n\r\n\n'), 'secret'],
  ['a blank and a tab at the end', Buffer.from('secret \t\n'), 'secret'],
];

/** Invalid files with a password: description, content, and the error that every program must report. */
export const UNUSABLE: readonly [what: string, bytes: Buffer, fault: RegExp][] = [
  ['nothing', Buffer.from(''), /is empty/],
  ['a line end alone', Buffer.from('\r\n'), /is empty/],
  ['a byte-order mark', Buffer.from('\uFEFFsecret\r\n'), /starts with a byte-order mark/],
  ['a blank at the beginning', Buffer.from(' secret\n'), /starts (or ends )?with white space/],
  ['two lines', Buffer.from('edge\nsecret\n'), /contains a control character or a second line/],
  ['a tab inside', Buffer.from('sec\tret\n'), /contains a control character or a second line/],
];

/** A file that is valid for a password and invalid for a user name, and the error that every program must report. */
export const UNUSABLE_USER = [Buffer.from('edge:secret\n'), /username.* (contains|holds) a colon/] as const;
