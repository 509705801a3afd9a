# Encoding. Slots (from 1): name, index. A String carries the index; 0 to 2 are the encodings that the VM knows by itself.

class Encoding
  class CompatibilityError < EncodingError
  end

  class UndefinedConversionError < EncodingError
  end

  class InvalidByteSequenceError < EncodingError
  end

  class ConverterNotFoundError < EncodingError
  end

  def self.__make(index, name)
    made = allocate
    made.__slot_put(1, name)
    made.__slot_put(2, index)
    made
  end

  UTF_8 = __make(0, "UTF-8")
  BINARY = __make(1, "ASCII-8BIT")
  US_ASCII = __make(2, "US-ASCII")
  ASCII_8BIT = BINARY
  ASCII = US_ASCII
  ISO_8859_1 = __make(3, "ISO-8859-1")
  ISO_8859_15 = __make(4, "ISO-8859-15")
  Windows_1252 = __make(5, "Windows-1252")
  UTF_16LE = __make(6, "UTF-16LE")
  UTF_16BE = __make(7, "UTF-16BE")
  UTF_32LE = __make(8, "UTF-32LE")
  UTF_32BE = __make(9, "UTF-32BE")
  UTF_16 = __make(10, "UTF-16")
  UTF_32 = __make(11, "UTF-32")
  Shift_JIS = __make(12, "Shift_JIS")
  EUC_JP = __make(13, "EUC-JP")
  ISO_8859_2 = __make(14, "ISO-8859-2")
  Windows_31J = __make(15, "Windows-31J")
  UTF_7 = __make(16, "UTF-7")
  ISO_2022_JP = __make(17, "ISO-2022-JP")
  UTF8 = UTF_8
  SHIFT_JIS = Shift_JIS
  WINDOWS_1252 = Windows_1252
  CP1252 = Windows_1252
  WINDOWS_31J = Windows_31J
  CP932 = Windows_31J
  EucJP = EUC_JP

  LIST = [UTF_8, BINARY, US_ASCII, ISO_8859_1, ISO_8859_15, Windows_1252, UTF_16LE, UTF_16BE, UTF_32LE, UTF_32BE, UTF_16,
          UTF_32, Shift_JIS, EUC_JP, ISO_8859_2, Windows_31J, UTF_7, ISO_2022_JP]
  # Encodings that strings and regular expressions can be labelled with; nothing is converted from or to them.
  NAMED = %w[
    Big5 Big5-HKSCS Big5-UAO CESU-8 CP949 CP950 CP951 CP50220 CP50221 CP51932 CP852 CP855 EUC-JIS-2004 EUC-KR EUC-TW Emacs-Mule GB12345
    GB18030 GB1988 GB2312 GBK IBM037 IBM437 IBM720 IBM737 IBM775 IBM850 IBM852 IBM855 IBM857 IBM860 IBM861 IBM862 IBM863 IBM864 IBM865
    IBM866 IBM869 ISO-2022-JP-2 ISO-2022-JP-KDDI ISO-8859-3 ISO-8859-4 ISO-8859-5 ISO-8859-6 ISO-8859-7 ISO-8859-8 ISO-8859-9 ISO-8859-10
    ISO-8859-11 ISO-8859-13 ISO-8859-14 ISO-8859-16 KOI8-R KOI8-U MacJapanese SJIS-DoCoMo SJIS-KDDI SJIS-SoftBank TIS-620 UTF8-DoCoMo
    UTF8-KDDI UTF8-MAC UTF8-SoftBank Windows-1250 Windows-1251 Windows-1253 Windows-1254 Windows-1255 Windows-1256 Windows-1257
    Windows-1258 Windows-874 eucJP-ms macCenEuro macCroatian macCyrillic macGreek macIceland macRoman macRomania macThai macTurkish
    macUkraine stateless-ISO-2022-JP stateless-ISO-2022-JP-KDDI
  ]
  # Those of them in which the bytes of ASCII mean something else.
  NOT_ASCII = %w[CP50220 CP50221 IBM037 ISO-2022-JP-2 ISO-2022-JP-KDDI]
  NAMED.each do |name|
    made = __make(LIST.size, name)
    LIST << made
    constant = name.tr("-", "_")
    first = constant[0].upcase + constant[1, constant.size]
    [first, constant.upcase].uniq.each { |c| const_set(c, made) }
  end

  ALIASES = { "BINARY" => 1, "ASCII" => 2, "ANSI_X3.4-1968" => 2, "646" => 2, "CP65001" => 0, "ISO8859-1" => 3, "LATIN1" => 3,
              "ISO8859-15" => 4, "CP1252" => 5, "SJIS" => 15, "CP932" => 15, "EUCJP" => 13, "LOCALE" => 0, "EXTERNAL" => 0,
              "FILESYSTEM" => 0, "UTF8-MAC" => 0 }
  private_constant :LIST, :ALIASES, :NAMED, :NOT_ASCII

  def self.__at(index)
    LIST[index] || BINARY
  end

  def self.list
    LIST.dup
  end

  def self.name_list
    LIST.map { |e| e.name } + ALIASES.keys
  end

  def self.aliases
    made = {}
    ALIASES.each { |name, index| made[name] = LIST[index].name }
    made
  end

  def self.find(name)
    return name if Encoding === name
    text = String === name ? name : (Symbol === name ? name.name : __str(name))
    upper = text.upcase
    LIST.each { |e| return e if e.name.upcase == upper }
    index = ALIASES[upper]
    return LIST[index] if index
    return nil if upper == "INTERNAL"
    raise ArgumentError, "unknown encoding name - #{text}"
  end

  def self.__coerce(encoding)
    Encoding === encoding ? encoding : find(encoding)
  end

  def self.default_external
    $__default_external || UTF_8
  end

  def self.default_external=(encoding)
    raise ArgumentError, "default external can not be nil" if nil.equal?(encoding)
    $__default_external = __coerce(encoding)
  end

  def self.default_internal
    $__default_internal
  end

  def self.default_internal=(encoding)
    $__default_internal = nil.equal?(encoding) ? nil : __coerce(encoding)
  end

  def self.locale_charmap
    "UTF-8"
  end

  def self.compatible?(a, b)
    ea = Encoding === a ? a : a.encoding
    eb = Encoding === b ? b : b.encoding
    return ea if ea.equal?(eb)
    if String === a && String === b
      return ea if b.empty?
      return eb if a.empty?
      return eb if a.ascii_only? && ea.ascii_compatible? && eb.ascii_compatible? && !b.ascii_only?
      return ea if b.ascii_only? && ea.ascii_compatible? && eb.ascii_compatible?
      return nil
    end
    return eb if String === a && a.ascii_only?
    return ea if String === b && b.ascii_only?
    nil
  end

  def __index
    __slot(2)
  end

  def name
    __slot(1)
  end

  def to_s
    __slot(1)
  end

  def names
    index = __index
    [name] + ALIASES.keys.select { |k| ALIASES[k] == index }
  end

  def __unicode?
    index = __index
    index == 0 || (index >= 6 && index <= 11)
  end

  def ascii_compatible?
    index = __index
    index < 6 || (index > 11 && index < 16) || (index > 17 && !NOT_ASCII.include?(name))
  end

  def dummy?
    index = __index
    index == 10 || index == 11 || index == 16 || index == 17 || (index > 17 && NOT_ASCII.include?(name))
  end

  def __display
    __index == 1 ? "BINARY (ASCII-8BIT)" : name
  end

  def inspect
    "#<Encoding:#{__index == 1 ? 'BINARY (ASCII-8BIT)' : name}#{dummy? ? ' (dummy)' : ''}>"
  end

  def dup
    self
  end

  # What scrub puts in the place of invalid bytes.
  def self.__scrubbed(bytes, replacement, encoding, block)
    return replacement if replacement
    return block.call(bytes.force_encoding(encoding)) if block
    encoding.__unicode? ? "\u{FFFD}" : "?"
  end

  # Whether the byte c can follow the truncated UTF-8 sequence bytes.
  def self.__continues?(bytes, c)
    first = bytes.__byte_at(0)
    byte = c.__byte_at(0)
    return false unless byte >= 0x80 && byte < 0xc0
    need = first >= 0xf0 ? 4 : (first >= 0xe0 ? 3 : 2)
    return false if first < 0xc2 || first > 0xf4 || bytes.bytesize >= need
    if bytes.bytesize == 1
      return false if first == 0xe0 && byte < 0xa0
      return false if first == 0xed && byte > 0x9f
      return false if first == 0xf0 && byte < 0x90
      return false if first == 0xf4 && byte > 0x8f
    end
    true
  end
end

class Encoding::Converter
  # Code points that Windows-1252 has at 0x80..0x9f.
  CP1252 = [0x20ac, nil, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, nil, 0x17d, nil,
            nil, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a, 0x153, nil, 0x17e, 0x178]
  LATIN9 = { 0xa4 => 0x20ac, 0xa6 => 0x160, 0xa8 => 0x161, 0xb4 => 0x17d, 0xb8 => 0x17e, 0xbc => 0x152, 0xbd => 0x153, 0xbe => 0x178 }
  private_constant :CP1252, :LATIN9

  attr_reader :source_encoding, :destination_encoding

  def initialize(from, to, **options)
    @source_encoding = Encoding.__coerce(from)
    @destination_encoding = Encoding.__coerce(to)
    @options = options
  end

  def convert(text)
    text.encode(@destination_encoding, @source_encoding, **@options)
  end

  def finish
    ""
  end

  # text's bytes read as source, written as target.
  def self.__convert(text, source, target, options)
    lossy = options[:invalid] == :replace
    if source.equal?(target)
      return lossy && !text.valid_encoding? ? text.scrub(options[:replace]) : text.__dup
    end
    if text.ascii_only? && source.ascii_compatible? && target.ascii_compatible?
      return text.__dup.force_encoding(target)
    end
    codes = __decode(text, source, options, target)
    __encode(codes, source, target, options)
  end

  # Code points, with nil for what is invalid and to be replaced.
  def self.__decode(text, source, options, target)
    bytes = text.__bytes
    index = source.__index
    made = []
    case index
    when 0
      text = text.__dup.force_encoding(source)
      return text.__codepoints if text.valid_encoding?
      text.__chars.each do |c|
        made << (c.valid_encoding? ? c.ord : __invalid(c, source, options))
      end
    when 1, 2
      bytes.each do |byte|
        if byte < 128
          made << byte
        elsif index == 1
          made << (options[:undef] == :replace || options[:invalid] == :replace ? nil : __undefined_byte(byte, source, target))
        else
          made << __invalid(byte.chr, source, options)
        end
      end
    when 3
      return bytes
    when 4
      bytes.each { |byte| made << (LATIN9[byte] || byte) }
    when 5
      bytes.each { |byte| made << (byte >= 0x80 && byte < 0xa0 ? CP1252[byte - 0x80] || __invalid(byte.chr, source, options) : byte) }
    when 6, 7, 10
      little = index == 6
      i = 0
      while i + 1 < bytes.size
        unit = little ? bytes[i] | bytes[i + 1] << 8 : bytes[i] << 8 | bytes[i + 1]
        i += 2
        if unit >= 0xd800 && unit < 0xdc00 && i + 1 < bytes.size
          low = little ? bytes[i] | bytes[i + 1] << 8 : bytes[i] << 8 | bytes[i + 1]
          if low >= 0xdc00 && low < 0xe000
            unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00)
            i += 2
          end
        end
        unit = __invalid("", source, options) if unit >= 0xd800 && unit < 0xe000
        made << unit unless index == 10 && unit == 0xfeff
      end
      made << __invalid("", source, options) if i < bytes.size
    when 8, 9, 11
      little = index == 8
      i = 0
      while i + 3 < bytes.size
        unit = if little
          bytes[i] | bytes[i + 1] << 8 | bytes[i + 2] << 16 | bytes[i + 3] << 24
        else
          bytes[i] << 24 | bytes[i + 1] << 16 | bytes[i + 2] << 8 | bytes[i + 3]
        end
        made << unit unless index == 11 && unit == 0xfeff
        i += 4
      end
    else
      raise Encoding::ConverterNotFoundError, "code converter not found (#{source} to #{target})"
    end
    made
  end

  def self.__invalid(bytes, source, options)
    return nil if options[:invalid] == :replace
    raise Encoding::InvalidByteSequenceError, "#{bytes.b.inspect} on #{source}"
  end

  def self.__undefined_byte(byte, source, target)
    shown = "\"\\x#{byte.to_s(16).upcase}\""
    raise Encoding::UndefinedConversionError, "#{shown} from #{source} to #{target}"
  end

  def self.__encode(codes, source, target, options)
    index = target.__index
    made = "".b
    replacement = options[:replace]
    fallback = options[:fallback]
    codes.each do |code|
      bytes = code && __encode_one(code, index)
      unless bytes
        if code && fallback
          found = fallback.respond_to?(:call) ? fallback.call(String.__from_codepoint(code)) : fallback[String.__from_codepoint(code)]
          bytes = found && found.b
        end
        if code && !bytes && options[:undef] != :replace && !options[:xml]
          shown = "U+" + code.to_s(16).upcase.rjust(4, "0")
          raise Encoding::UndefinedConversionError, "#{shown} from #{source} to #{target}"
        end
        if !bytes && code && options[:xml]
          bytes = "&#x#{code.to_s(16).upcase};"
        end
        bytes ||= replacement ? replacement.b : (target.__unicode? ? __encode_one(0xfffd, index) : "?")
      end
      made << bytes.b
    end
    made.force_encoding(target)
  end

  # Bytes of one code point, or nil when the encoding lacks it.
  def self.__encode_one(code, index)
    case index
    when 0 then String.__from_codepoint(code)
    when 1, 2 then code < 128 ? String.__from_byte(code) : nil
    when 3 then code < 256 ? String.__from_byte(code) : nil
    when 4
      special = LATIN9.key(code)
      return String.__from_byte(special) if special
      code < 256 && !LATIN9.key?(code) ? String.__from_byte(code) : nil
    when 5
      special = CP1252.index(code)
      return String.__from_byte(special + 0x80) if special
      code < 128 || (code >= 0xa0 && code < 256) ? String.__from_byte(code) : nil
    when 6, 7, 10
      units = if code < 0x10000
        [code]
      else
        [0xd800 + ((code - 0x10000) >> 10), 0xdc00 + ((code - 0x10000) & 0x3ff)]
      end
      text = "".b
      units.each do |unit|
        high = String.__from_byte(unit >> 8).b
        low = String.__from_byte(unit & 255).b
        index == 6 ? text << low << high : text << high << low
      end
      text
    when 8, 9, 11
      parts = [code >> 24, code >> 16 & 255, code >> 8 & 255, code & 255]
      parts = parts.reverse if index == 8
      text = "".b
      parts.each { |byte| text << String.__from_byte(byte).b }
      text
    end
  end
end
