/** What is used of the package; an optional one, so its own types are not there everywhere. */
declare module 'node-datachannel' {
  type DataChannel = {
    close(): void;
    sendMessageBinary(message: Uint8Array): boolean;
    isOpen(): boolean;
    bufferedAmount(): number;
    setBufferedAmountLowThreshold(bytes: number): void;
    onOpen(run: () => void): void;
    onClosed(run: () => void): void;
    onBufferedAmountLow(run: () => void): void;
    onMessage(run: (message: string | Uint8Array | ArrayBuffer) => void): void;
  };
  export class PeerConnection {
    constructor(
      name: string,
      options: {
        readonly iceServers: readonly string[];
        readonly disableAutoNegotiation: boolean;
        readonly enableIceUdpMux: boolean;
        readonly portRangeBegin: number;
        readonly portRangeEnd: number;
        readonly bindAddress?: string;
      },
    );
    close(): void;
    setLocalDescription(type: 'offer' | 'answer'): void;
    setRemoteDescription(sdp: string, type: 'offer' | 'answer'): void;
    addRemoteCandidate(candidate: string, mid: string): void;
    createDataChannel(label: string, options: { negotiated: boolean; id: number; unordered: boolean }): DataChannel;
    onLocalDescription(run: (sdp: string, type: string) => void): void;
    onLocalCandidate(run: (candidate: string, mid: string) => void): void;
    onStateChange(run: (state: string) => void): void;
    getSelectedCandidatePair(): {
      readonly local: { readonly type: string };
      readonly remote: { readonly type: string };
    } | null;
  }
}
