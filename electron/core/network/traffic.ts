/** What a request moves over its connection, and whether it still moves. */
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** Fewer than `bytes` in `ms` is no transfer any more. */
export interface Stall {
  readonly ms: number;
  readonly bytes: number;
}

export interface Traffic {
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

/** Bytes over the request's connection since it got it, headers and all; a kept connection carries many requests. */
export function meter(request: ClientRequest): () => Traffic {
  let socket: Socket | null = null;
  let [sent, received] = [0, 0];
  let connected = false;
  request.once('socket', (given) => {
    socket = given;
    [sent, received] = [given.bytesWritten, given.bytesRead];
    connected = !given.connecting;
    if (connected) return;
    given.once('connect', () => {
      connected = true;
    });
  });
  return () => ({
    // What waits for a connection that never comes is counted as written by the socket.
    sentBytes: connected ? (socket?.bytesWritten ?? 0) - sent : 0,
    receivedBytes: (socket?.bytesRead ?? 0) - received,
  });
}

/**
 * Calls `act` once when less has come in a whole stretch of `stall.ms` than it should. While the reader is behind, it is
 * not the network that stands still. Gives the way to stop watching.
 */
export function watchStall(
  request: ClientRequest,
  traffic: () => Traffic,
  stall: Stall,
  act: () => void,
): () => void {
  let response: IncomingMessage | null = null;
  request.once('response', (given) => {
    response = given;
  });
  let before = 0;
  const timer = setInterval(() => {
    const now = traffic().receivedBytes;
    const readerIsBehind = (response?.readableLength ?? 0) > 0;
    if (now - before < stall.bytes && !readerIsBehind) {
      clearInterval(timer);
      act();
    }
    before = now;
  }, stall.ms);
  return () => clearInterval(timer);
}
