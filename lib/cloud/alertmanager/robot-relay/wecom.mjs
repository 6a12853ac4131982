import { readSecret } from '../../../programs/credentials.mjs';

/** Address of WeCom's robots, except those of a private WeCom. */
const ENDPOINT = 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send';

/**
 * WeCom documents no escapes, so characters with a meaning in its Markdown are replaced by their full-width forms.
 * @type {Record<string, string>}
 */
const WIDE = { '<': '＜', '>': '＞', '[': '［', ']': '］', '*': '＊', '`': '｀' };

/** Message format and address of a WeCom robot (https://developer.work.weixin.qq.com/document/path/91770). */
export const weCom = {
  /** In bytes of UTF-8. */
  longest: 4_096,

  /** @param {string} text */
  escaped: (text) => text.replaceAll(/[<>[\]*`]/g, (character) => WIDE[character] ?? character),

  /** The file contains the robot's key, or the whole address with the key. @param {{ addressFile: string }} robot */
  address({ addressFile }) {
    const given = readSecret(addressFile);
    if (/^https?:\/\//.test(given)) return new URL(given);
    const url = new URL(ENDPOINT);
    url.searchParams.set('key', given);
    return url;
  },

  /** @param {{ text: string }} told */
  message: ({ text }) => ({ msgtype: 'markdown', markdown: { content: text } }),
};
