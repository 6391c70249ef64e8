/** What is used of nodemailer, which has no types of its own. */
declare module "nodemailer" {
  type Transport = {
    sendMail(mail: { from: string; to: string; subject: string; text: string; messageId: string }): Promise<unknown>;
    close(): void;
  };
  export function createTransport(options: {
    host: string;
    port: number;
    secure: boolean;
    requireTLS: boolean;
    auth?: { user: string; pass: string };
    connectionTimeout: number;
    greetingTimeout: number;
    socketTimeout: number;
  }): Transport;
}
