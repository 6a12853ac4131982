import { readSecret } from '../../../programs/credentials.mjs';

/** URL of robots in the public WeCom service. For a private WeCom, the file must contain the whole URL. */
const ENDPOINT = 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send';

/**
 * Full-width forms of the characters that have a meaning in WeCom's Markdown. They replace these characters,
 * because WeCom documents no escape sequences. @type {Record<string, string>}
 */
const WIDE = { '<': '＜', '>': '＞', '[': '［', ']': '］', '*': '＊', '`': '｀' };

/** Message format and address of a WeCom robot (https://developer.work.weixin.qq.com/document/path/91770). */
export const weCom = {
  /** Maximum size of the text in bytes of UTF-8. */
  longest: 4_096,

  /** Replaces characters that have a meaning in Markdown. @param {string} text */
  escaped: (text) => text.replaceAll(/[<>[\]*`]/g, (character) => WIDE[character] ?? character),

  /**
   * Returns the robot's URL. Its file contains the robot's key, or the whole URL with the key.
   * @param {{ addressFile: string }} robot
   */
  address({ addressFile }) {
    const given = readSecret(addressFile);
    if (/^https?:\/\//.test(given)) return new URL(given);
    const url = new URL(ENDPOINT);
    url.searchParams.set('key', given);
    return url;
  },

  /** Returns the request body for a message. @param {{ text: string }} message */
  message: ({ text }) => ({ msgtype: 'markdown', markdown: { content: text } }),
};
