import { readSecret } from '../../../programs/credentials.mjs';

/** Where robots of WeCom are, but those of a WeCom of one's own. */
const ENDPOINT = 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send';

/**
 * WeCom documents no escapes: what means something in its markdown is shown by its full-width twin.
 * @type {Record<string, string>}
 */
const WIDE = { '<': '＜', '>': '＞', '[': '［', ']': '］', '*': '＊', '`': '｀' };

/** How a robot in a group of WeCom is told (https://developer.work.weixin.qq.com/document/path/91770). */
export const weCom = {
  /** In bytes of UTF-8. */
  longest: 4_096,

  /** @param {string} text */
  escaped: (text) => text.replaceAll(/[<>[\]*`]/g, (character) => WIDE[character] ?? character),

  /** By the robot's key, or the whole address with the key in it. @param {{ addressFile: string }} robot */
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
