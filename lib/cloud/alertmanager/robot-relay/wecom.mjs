import { readSecretFile } from '../../../programs/credentials.mjs';

/** URL of robots in the public WeCom, without the key. For a private WeCom, `addressFile` contains the whole URL. */
const ENDPOINT = 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send';

/**
 * Full-width form of each character that has a meaning in WeCom's Markdown. The full-width form replaces the character,
 * because WeCom documents no escape sequences. @type {Record<string, string>}
 */
const FULL_WIDTH_FORMS = { '<': '＜', '>': '＞', '[': '［', ']': '］', '*': '＊', '`': '｀' };

/** Message format and URL of a WeCom robot (https://developer.work.weixin.qq.com/document/path/91770). */
export const weCom = {
  /** Maximum size of the text in bytes of UTF-8. */
  maxTextBytes: 4_096,

  /** Replaces the characters of a text that have a meaning in Markdown. @param {string} text plain text */
  escapeMarkdown: (text) =>
    text.replaceAll(/[<>[\]*`]/g, (character) => FULL_WIDTH_FORMS[character] ?? character),

  /**
   * Returns the robot's URL, read from a file. The file contains only the robot's key, or the whole URL with the key.
   * @param {{ addressFile: string }} robot path of the file
   */
  buildRobotUrl({ addressFile }) {
    const given = readSecretFile(addressFile);
    if (/^https?:\/\//.test(given)) return new URL(given);
    const url = new URL(ENDPOINT);
    url.searchParams.set('key', given);
    return url;
  },

  /** Returns the request body for a message. @param {{ text: string }} message text in Markdown; WeCom has no title */
  buildRequestBody: ({ text }) => ({ msgtype: 'markdown', markdown: { content: text } }),
};
