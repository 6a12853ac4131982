import { createHmac } from 'node:crypto';
import { readSecret } from '../../../programs/credentials.mjs';

/** Message format and address of a DingTalk robot (https://open.dingtalk.com/document/robots/custom-robot-access). */
export const dingTalk = {
  /** DingTalk accepts messages of 20,000 bytes, including the JSON around the text. */
  longest: 18_000,

  /** @param {string} text */
  escaped: (text) => text.replaceAll(/[\\`*_[\]<>#!~|]/g, '\\$&'),

  /**
   * The address from the file, with a signature if the robot requires one.
   * @param {{ addressFile: string, secretFile?: string }} robot
   */
  address({ addressFile, secretFile }) {
    const url = new URL(readSecret(addressFile));
    if (!secretFile) return url;
    const timestamp = `${Date.now()}`;
    const key = readSecret(secretFile);
    url.searchParams.set('timestamp', timestamp);
    url.searchParams.set('sign', createHmac('sha256', key).update(`${timestamp}\n${key}`).digest('base64'));
    return url;
  },

  /** @param {{ title: string, text: string }} told */
  message: ({ title, text }) => ({ msgtype: 'markdown', markdown: { title, text }, at: { isAtAll: false } }),
};
