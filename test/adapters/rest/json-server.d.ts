declare module 'json-server' {
  import type { RequestListener } from 'node:http';

  interface Application extends RequestListener {
    use(handler: unknown): void;
  }
  const jsonServer: {
    create(): Application;
    defaults(options: { logger: boolean }): unknown;
    router(data: Record<string, unknown>): unknown;
  };
  export default jsonServer;
}
