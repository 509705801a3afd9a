# Sockets: streams over the internet protocols and local ones. Waiting stops the waiting thread only.

class SocketError < StandardError
end

class BasicSocket < IO
  # Bytes that one receive asks for.
  CHUNK = 65_536

  def self.__socket_new(address)
    Primitive.socket_new
    __io_failed("socket")
  end

  def self.__resolve_all(host, port)
    Primitive.socket_resolve
    raise SocketError, "getaddrinfo: Name or service not known (#{host})"
  end

  # The addresses of a host and a port; no host or an empty one means this machine, or any of its addresses for a server.
  def self.__resolve(host, port, any)
    host = any ? "0.0.0.0" : "127.0.0.1" if nil.equal?(host) || host == ""
    port = Integer === port ? port : Integer(port, 10)
    found = __resolve_all(__str(host), port)
    raise SocketError, "getaddrinfo: no address of #{host}" if found.empty?
    found.sort_by { |address| address[0].include?(":") ? 1 : 0 }
  end

  def self.for_fd(descriptor)
    made = allocate
    made.__attach(descriptor, "r+", nil)
    made.__set_up
    made
  end

  def __set_up
    @__bytes = "".b
    @__ended = false
    @__sync = true
  end

  def __connect_system(descriptor, address)
    Primitive.socket_connect
    __io_failed("connect")
  end

  def __connected(descriptor)
    Primitive.socket_connected
    __io_failed("connect")
  end

  def __bind(descriptor, address)
    Primitive.socket_bind
    __io_failed("bind")
  end

  def __listen(descriptor, backlog)
    Primitive.socket_listen
    __io_failed("listen")
  end

  def __accept_system(descriptor)
    Primitive.socket_accept
    __io_failed("accept")
  end

  def __local_address(descriptor)
    Primitive.socket_address
    __io_failed("getsockname")
  end

  def __peer_address(descriptor)
    Primitive.socket_peer
    __io_failed("getpeername")
  end

  def __shutdown(descriptor, how)
    Primitive.socket_shutdown
    __io_failed("shutdown")
  end

  def __option(descriptor, name, on)
    Primitive.socket_option
    __io_failed("setsockopt")
  end

  def __receive(descriptor, count)
    Primitive.socket_receive
    __io_failed
  end

  def __send_bytes(descriptor, text, from)
    Primitive.socket_send
    __io_failed
  end

  # --- what IO builds upon

  def __fill
    return false if @__ended
    while true
      text = __receive(fileno, CHUNK)
      unless nil.equal?(text)
        @__ended = true if text.empty?
        @__bytes << text.force_encoding(Encoding::BINARY)
        return !text.empty?
      end
      IO.__await(fileno, false, nil)
    end
  end

  def __read(count)
    while (nil.equal?(count) || @__bytes.bytesize < count) && __fill
    end
    __hand_out(count || @__bytes.bytesize)
  end

  def __hand_out(count)
    text = @__bytes.byteslice(0, count)
    @__bytes = @__bytes.byteslice(text.bytesize, @__bytes.bytesize)
    text
  end

  def __read_line
    searched = 0
    until (at = @__bytes.byteindex("\n", searched))
      searched = @__bytes.bytesize
      unless __fill
        return nil if @__bytes.empty?
        return __hand_out(@__bytes.bytesize)
      end
    end
    __hand_out(at + 1)
  end

  def __eof
    @__bytes.empty? && !__fill
  end

  def __write(text)
    sent = 0
    size = text.bytesize
    while sent < size
      count = __send_bytes(fileno, text, sent)
      if nil.equal?(count)
        IO.__await(fileno, true, nil)
      else
        sent += count
      end
    end
    size
  end

  def __flush
    nil
  end

  def readpartial(count, buffer = nil)
    __check_readable
    __fill if @__bytes.empty?
    raise EOFError, "end of file reached" if @__bytes.empty?
    text = __hand_out(count)
    buffer ? buffer.replace(text) : text
  end

  alias sysread readpartial

  def read_nonblock(count, buffer = nil, exception: true)
    __check_readable
    if @__bytes.empty? && !@__ended
      text = __receive(fileno, CHUNK)
      if nil.equal?(text)
        return :wait_readable unless exception
        raise IO::EAGAINWaitReadable, "read would block"
      end
      @__ended = true if text.empty?
      @__bytes << text.force_encoding(Encoding::BINARY)
    end
    if @__bytes.empty?
      return nil unless exception
      raise EOFError, "end of file reached"
    end
    text = __hand_out(count)
    buffer ? buffer.replace(text) : text
  end

  def write_nonblock(text, exception: true)
    text = text.to_s
    count = __send_bytes(fileno, text, 0)
    return count unless nil.equal?(count)
    return :wait_writable unless exception
    raise IO::EAGAINWaitWritable, "write would block"
  end

  def send(text, flags = 0, *)
    __write(__str(text))
  end

  def recv(count, flags = 0)
    __check_readable
    __fill if @__bytes.empty?
    __hand_out(count)
  end

  def recv_nonblock(count, flags = 0, exception: true)
    read_nonblock(count, exception: exception)
  end

  def wait_readable(timeout = nil)
    return self unless @__bytes.empty?
    IO.__await(fileno, false, timeout) ? self : nil
  end

  def wait_writable(timeout = nil)
    IO.__await(fileno, true, timeout) ? self : nil
  end

  def setsockopt(level, name = nil, value = nil)
    key = name.to_s.sub(/\A(SO|TCP)_/, "")
    key = { 2 => "REUSEADDR", 9 => "KEEPALIVE", 6 => "BROADCAST", 1 => "NODELAY" }[name] || key
    on = !(value == false || value == 0 || nil.equal?(value))
    __option(fileno, key, on)
    0
  end

  def shutdown(how = 2)
    how = { "SHUT_RD" => 0, "SHUT_WR" => 1, "SHUT_RDWR" => 2, "RD" => 0, "WR" => 1, "RDWR" => 2 }[how.to_s] || how
    __shutdown(fileno, how)
    0
  end

  def close_read
    __shutdown(fileno, 0)
    nil
  end

  def close_write
    __shutdown(fileno, 1)
    nil
  end

  def local_address
    __local_address(fileno)
  end

  def remote_address
    __peer_address(fileno)
  end

  def do_not_reverse_lookup
    true
  end

  def do_not_reverse_lookup=(value)
    value
  end

  # Connects a new descriptor to the first address that answers.
  def __connect(addresses, timeout)
    failure = nil
    addresses.each do |address|
      descriptor = BasicSocket.__socket_new(address)
      __attach(descriptor, "r+", nil)
      __set_up
      begin
        unless __connect_system(descriptor, address)
          unless IO.__await(descriptor, true, timeout)
            raise Errno::ETIMEDOUT, "connect"
          end
          __connected(descriptor)
        end
        return self
      rescue SystemCallError => error
        failure = error
        close
      end
    end
    raise failure
  end

  # Binds and listens at the first address that is free.
  def __serve(addresses)
    failure = nil
    addresses.each do |address|
      descriptor = BasicSocket.__socket_new(address)
      __attach(descriptor, "r+", nil)
      __set_up
      begin
        __option(descriptor, "REUSEADDR", true) if Array === address
        __bind(descriptor, address)
        __listen(descriptor, 128)
        return self
      rescue SystemCallError => error
        failure = error
        close
      end
    end
    raise failure
  end

  # The next connection, as an instance of klass.
  def __accept(klass)
    while nil.equal?(descriptor = __accept_system(fileno))
      IO.__await(fileno, false, nil)
    end
    klass.for_fd(descriptor)
  end

  def __accept_at_once(klass, exception)
    descriptor = __accept_system(fileno)
    return klass.for_fd(descriptor) unless nil.equal?(descriptor)
    return :wait_readable unless exception
    raise IO::EAGAINWaitReadable, "accept would block"
  end
end

class IPSocket < BasicSocket
  def self.getaddress(host)
    __resolve(host, 0, false)[0][0]
  end

  def __shown(address)
    [address[0].include?(":") ? "AF_INET6" : "AF_INET", address[1], address[0], address[0]]
  end

  def addr(reverse = nil)
    __shown(__local_address(fileno))
  end

  def peeraddr(reverse = nil)
    __shown(__peer_address(fileno))
  end
end

class TCPSocket < IPSocket
  def self.gethostbyname(host)
    [host, [], 2, getaddress(host)]
  end

  def self.new(*args, **options)
    made = allocate
    made.__send__(:initialize, *args, **options)
    made
  end

  def self.open(*args, **options)
    made = new(*args, **options)
    return made unless block_given?
    begin
      yield made
    ensure
      made.close
    end
  end

  def initialize(host, port, local_host = nil, local_port = nil, connect_timeout: nil, **)
    __connect(BasicSocket.__resolve(host, port, false), connect_timeout)
  end
end

class TCPServer < TCPSocket
  def initialize(host = nil, port = nil)
    host, port = nil, host if nil.equal?(port)
    __serve(BasicSocket.__resolve(host, port, true))
  end

  def accept
    __accept(TCPSocket)
  end

  def accept_nonblock(exception: true)
    __accept_at_once(TCPSocket, exception)
  end

  def sysaccept
    accept.fileno
  end

  def listen(backlog)
    __listen(fileno, backlog)
    0
  end
end

class UNIXSocket < BasicSocket
  def self.__pair_system
    Primitive.socket_pair
    __io_failed("socketpair")
  end

  def self.pair(*)
    both = __pair_system.map { |descriptor| for_fd(descriptor) }
    return both unless block_given?
    yield both
  end

  class << self
    alias socketpair pair
  end

  def self.new(path)
    made = allocate
    made.__send__(:initialize, path)
    made
  end

  def self.open(path)
    made = new(path)
    return made unless block_given?
    begin
      yield made
    ensure
      made.close
    end
  end

  def initialize(path)
    __connect([__str(path)], nil)
  end

  def path
    __local_address(fileno)
  end

  def addr
    ["AF_UNIX", path]
  end

  def peeraddr
    ["AF_UNIX", __peer_address(fileno)]
  end
end

class UNIXServer < UNIXSocket
  def initialize(path)
    __serve([__str(path)])
  end

  def accept
    __accept(UNIXSocket)
  end

  def accept_nonblock(exception: true)
    __accept_at_once(UNIXSocket, exception)
  end

  def listen(backlog)
    __listen(fileno, backlog)
    0
  end
end

# The constants that programs name, and a few shortcuts.
class Socket < BasicSocket
  AF_UNIX = 1
  AF_INET = 2
  AF_INET6 = 10
  PF_INET = 2
  PF_UNIX = 1
  SOCK_STREAM = 1
  SOCK_DGRAM = 2
  SOL_SOCKET = 1
  SO_REUSEADDR = 2
  SO_BROADCAST = 6
  SO_KEEPALIVE = 9
  IPPROTO_TCP = 6
  TCP_NODELAY = 1
  SOMAXCONN = 4096
  SHUT_RD = 0
  SHUT_WR = 1
  SHUT_RDWR = 2

  def self.gethostname
    File.read("/proc/sys/kernel/hostname").chomp
  end

  def self.tcp(host, port, *, connect_timeout: nil, **, &block)
    TCPSocket.open(host, port, connect_timeout: connect_timeout, &block)
  end

  def self.unix(path, &block)
    UNIXSocket.open(path, &block)
  end
end
