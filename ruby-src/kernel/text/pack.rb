# Maglev::Pack: Array#pack and String#unpack for what the primitives leave: values that need conversion, rare directives, errors.

module Maglev
  module Pack
    # [letter, native size?, byte order (:little, :big, nil), count (Integer, :star, nil)] for each directive.
    def self.directives(format)
      made = []
      at = 0
      total = format.bytesize
      while at < total
        c = format.byteslice(at, 1)
        at += 1
        next if c == " " || c == "\n" || c == "\t" || c == "\r" || c == "\f" || c == "\v" || c == "\0"
        if c == "#"
          at += 1 while at < total && format.getbyte(at) != 10
          next
        end
        native = false
        order = nil
        while at < total
          m = format.byteslice(at, 1)
          if m == "_" || m == "!"
            raise ArgumentError, "'#{m}' allowed only after types sSiIlLqQjJ" unless "sSiIlLqQjJ".include?(c)
            native = true
          elsif m == "<" || m == ">"
            raise ArgumentError, "'#{m}' allowed only after types sSiIlLqQjJ" unless "sSiIlLqQjJ".include?(c)
            raise RangeError, "Can't use both '<' and '>'" if order && order != (m == "<" ? :little : :big)
            order = m == "<" ? :little : :big
          else
            break
          end
          at += 1
        end
        count = nil
        if format.byteslice(at, 1) == "*"
          count = :star
          at += 1
        else
          digits = 0
          seen = false
          while at < total && (d = format.getbyte(at)) >= 48 && d <= 57
            digits = digits * 10 + d - 48
            seen = true
            at += 1
          end
          count = digits if seen
        end
        made << [c, native, order, count]
      end
      made
    end

    # [size in bytes, signed?, big endian?] of an integer directive, or nil.
    def self.integer_kind(letter, native, order)
      big = order == :big
      case letter
      when "c" then [1, true, false]
      when "C" then [1, false, false]
      when "s" then [2, true, big]
      when "S" then [2, false, big]
      when "i" then [4, true, big]
      when "I" then [4, false, big]
      when "l" then [native ? 8 : 4, true, big]
      when "L" then [native ? 8 : 4, false, big]
      when "q", "j" then [8, true, big]
      when "Q", "J" then [8, false, big]
      when "n" then [2, false, true]
      when "N" then [4, false, true]
      when "v" then [2, false, false]
      when "V" then [4, false, false]
      end
    end

    # --- packing

    def self.pack(list, format)
      out = "".b
      at = 0
      utf8 = false
      first = true
      directives(format).each do |letter, native, order, count|
        utf8 = true if first && letter == "U"
        first = false
        case letter
        when "a", "A", "Z"
          text = take(list, at)
          at += 1
          pack_text(out, nil.equal?(text) ? "" : __str(text), letter, count)
        when "B", "b"
          text = __str(take(list, at))
          at += 1
          pack_bits(out, text, letter == "B", count)
        when "H", "h"
          text = __str(take(list, at))
          at += 1
          pack_hex(out, text, letter == "H", count)
        when "m"
          text = __str(take(list, at))
          at += 1
          out << base64(text, count)
        when "M"
          text = take(list, at).to_s
          at += 1
          out << quoted_printable(text, Integer === count && count > 1 ? count : 72)
        when "u"
          text = __str(take(list, at))
          at += 1
          out << uuencode(text, Integer === count ? count : 45)
        when "U", "w"
          times(count, list.size - at) do
            n = __int(take(list, at))
            at += 1
            if letter == "U"
              raise RangeError, "pack(U): value out of range" if n < 0
              out << String.__from_codepoint(n).b
            else
              pack_ber(out, n)
            end
          end
        when "x"
          (count == :star ? 0 : count || 1).times { out << "\0".b }
        when "X"
          back = count == :star ? 0 : count || 1
          raise ArgumentError, "X outside of string" if back > out.bytesize
          out.__replace(out.byteslice(0, out.bytesize - back))
        when "@"
          position = count == :star ? 0 : count || 1
          if position > out.bytesize
            out << ("\0" * (position - out.bytesize)).b
          else
            out.__replace(out.byteslice(0, position))
          end
        when "d", "D", "E", "G", "f", "F", "e", "g"
          times(count, list.size - at) do
            x = take(list, at)
            at += 1
            raise TypeError, "can't convert #{__type_name(x)} into Float" unless Numeric === x
            pack_float(out, x.to_f, letter)
          end
        else
          kind = integer_kind(letter, native, order)
          raise ArgumentError, "unknown pack directive '#{letter}' in '#{format}'" unless kind
          times(count, list.size - at) do
            n = take(list, at)
            at += 1
            n = Float === n ? n.to_i : __int(n)
            pack_integer(out, n, kind[0], kind[2])
          end
        end
      end
      if utf8
        out.force_encoding(Encoding::UTF_8)
      elsif directives(format).all? { |d| "mMu".include?(d[0]) }
        out.force_encoding(Encoding::US_ASCII)
      end
      out
    end

    def self.take(list, at)
      raise ArgumentError, "too few arguments" if at >= list.size
      list[at]
    end

    def self.times(count, left)
      n = count == :star ? left : count || 1
      i = 0
      while i < n
        yield
        i += 1
      end
    end

    def self.byte(out, n)
      out << String.__from_byte(n & 255).b
    end

    def self.pack_text(out, text, letter, count)
      bytes = text.b
      if count == :star
        out << bytes
        out << "\0".b if letter == "Z"
        return
      end
      count ||= 1
      if bytes.bytesize >= count
        out << bytes.byteslice(0, count)
      else
        out << bytes << ((letter == "A" ? " " : "\0") * (count - bytes.bytesize)).b
      end
    end

    def self.pack_bits(out, text, high_first, count)
      count = count == :star ? text.bytesize : count || 1
      byte = 0
      i = 0
      while i < count
        bit = i < text.bytesize ? text.getbyte(i) & 1 : 0
        byte |= bit << (high_first ? 7 - i % 8 : i % 8)
        i += 1
        if i % 8 == 0
          byte(out, byte)
          byte = 0
        end
      end
      byte(out, byte) if i % 8 != 0
    end

    def self.pack_hex(out, text, high_first, count)
      count = count == :star ? text.bytesize : count || 1
      byte = 0
      i = 0
      while i < count
        c = i < text.bytesize ? text.getbyte(i) : 48
        digit = c >= 97 ? (c - 87) & 15 : (c >= 65 ? (c - 55) & 15 : c & 15)
        byte |= digit << ((i % 2 == 0) == high_first ? 4 : 0)
        i += 1
        if i % 2 == 0
          byte(out, byte)
          byte = 0
        end
      end
      byte(out, byte) if i % 2 != 0
    end

    def self.pack_integer(out, n, size, big)
      raise RangeError, "bignum too big to convert into 'unsigned long'" if n.bit_length > 64
      i = 0
      while i < size
        byte(out, n >> 8 * (big ? size - 1 - i : i))
        i += 1
      end
    end

    def self.pack_ber(out, n)
      raise ArgumentError, "can't compress negative numbers" if n < 0
      parts = [n & 127]
      n >>= 7
      while n > 0
        parts << (n & 127 | 128)
        n >>= 7
      end
      parts.reverse_each { |part| byte(out, part) }
    end

    def self.pack_float(out, x, letter)
      case letter
      when "d", "D", "E" then pack_integer(out, x.__bits, 8, false)
      when "G" then pack_integer(out, x.__bits, 8, true)
      when "f", "F", "e" then pack_integer(out, single_bits(x), 4, false)
      else pack_integer(out, single_bits(x), 4, true)
      end
    end

    # A double rounded to single precision, as its 32 bits.
    def self.single_bits(x)
      bits = x.__bits
      sign = bits >> 63 << 31
      exponent = bits >> 52 & 0x7ff
      fraction = bits & 0xf_ffff_ffff_ffff
      return sign | 0x7f80_0000 | (fraction == 0 ? 0 : 0x40_0000) if exponent == 0x7ff
      return sign if exponent == 0
      e = exponent - 1023 + 127
      fraction |= 1 << 52
      if e <= 0
        shift = 29 + 1 - e
        return sign if shift > 54
        return sign | Format.shift_rounding(fraction, shift)
      end
      rounded = Format.shift_rounding(fraction, 29)
      if rounded >> 24 > 0
        rounded >>= 1
        e += 1
      end
      return sign | 0x7f80_0000 if e >= 255
      sign | e << 23 | rounded & 0x7f_ffff
    end

    def self.double_of_single(bits)
      sign = bits >> 31 << 63
      exponent = bits >> 23 & 0xff
      fraction = bits & 0x7f_ffff
      if exponent == 255
        return Float.__from_bits(sign | 0x7ff << 52 | fraction << 29)
      elsif exponent == 0
        value = Math.ldexp(fraction.to_f, -149)
        return sign == 0 ? value : -value
      end
      Float.__from_bits(sign | (exponent - 127 + 1023) << 52 | fraction << 29)
    end

    BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

    def self.base64_line(bytes)
      made = +""
      i = 0
      while i < bytes.size
        a = bytes[i]
        b = bytes[i + 1]
        c = bytes[i + 2]
        word = a << 16 | (b || 0) << 8 | (c || 0)
        made << BASE64[word >> 18] << BASE64[word >> 12 & 63]
        made << (b ? BASE64[word >> 6 & 63] : "=") << (c ? BASE64[word & 63] : "=")
        i += 3
      end
      made
    end

    def self.base64(text, count)
      bytes = text.bytes
      return base64_line(bytes) if count == 0
      size = Integer === count && count >= 3 ? count / 3 * 3 : 45
      made = +""
      bytes.each_slice(size) { |part| made << base64_line(part) << "\n" }
      made
    end

    def self.uuencode(text, count)
      size = count >= 3 ? count / 3 * 3 : 45
      made = +""
      text.bytes.each_slice(size) do |part|
        made << (32 + part.size).chr
        part.each_slice(3) do |a, b, c|
          word = a << 16 | (b || 0) << 8 | (c || 0)
          [18, 12, 6, 0].each do |shift|
            six = word >> shift & 63
            made << (six == 0 ? 96 : six + 32).chr
          end
        end
        made << "\n"
      end
      made
    end

    def self.quoted_printable(text, width)
      made = +""
      column = 0
      bytes = text.bytes
      bytes.each_with_index do |byte, i|
        if byte == 10
          before = bytes[i - 1] if i > 0
          made << "=\n" if before == 32 || before == 9
          made << "\n"
          column = 0
          next
        end
        if byte > 126 || (byte < 32 && byte != 9) || byte == 61
          made << "=" << byte.to_s(16).upcase.rjust(2, "0")
          column += 3
        else
          made << byte.chr
          column += 1
        end
        if column > width
          made << "=\n"
          column = 0
        end
      end
      made << "=\n" if column > 0
      made
    end

    # --- unpacking

    def self.unpack(text, format)
      made = []
      at = 0
      total = text.bytesize
      directives(format).each do |letter, native, order, count|
        case letter
        when "a", "A", "Z"
          size = count == :star ? total - at : count || 1
          size = total - at if size > total - at
          part = text.byteslice(at, size).b
          if letter == "A"
            part = part.sub(/[\0 ]+\z/n, "")
          elsif letter == "Z" && (stop = part.byteindex("\0"))
            part = part.byteslice(0, stop)
            size = stop + 1 if count == :star
          end
          made << part
          at += size
        when "B", "b"
          bits = (total - at) * 8
          size = count == :star || (count || 1) > bits ? bits : count || 1
          digits = +""
          size.times do |i|
            byte = text.getbyte(at + i / 8)
            digits << (byte >> (letter == "B" ? 7 - i % 8 : i % 8) & 1 == 1 ? "1" : "0")
          end
          made << digits.force_encoding(Encoding::US_ASCII)
          at += (size + 7) / 8
        when "H", "h"
          nibbles = (total - at) * 2
          size = count == :star || (count || 1) > nibbles ? nibbles : count || 1
          digits = +""
          size.times do |i|
            byte = text.getbyte(at + i / 2)
            digits << ((i % 2 == 0) == (letter == "H") ? byte >> 4 : byte & 15).to_s(16)
          end
          made << digits.force_encoding(Encoding::US_ASCII)
          at += (size + 1) / 2
        when "m"
          made << unbase64(text.byteslice(at, total), count == 0)
          at = total
        when "M"
          made << unquoted(text.byteslice(at, total))
          at = total
        when "u"
          made << uudecode(text.byteslice(at, total))
          at = total
        when "U"
          rest = text.byteslice(at, total - at).force_encoding(Encoding::UTF_8)
          count = 1 if nil.equal?(count)
          rest.each_char do |c|
            break if Integer === count && count == 0
            raise ArgumentError, "malformed UTF-8 character" unless c.valid_encoding?
            made << c.ord
            at += c.bytesize
            if Integer === count
              count -= 1
              break if count <= 0
            end
          end
        when "w"
          n = 0
          left = count == :star ? total : count || 1
          while at < total && left > 0
            byte = text.getbyte(at)
            at += 1
            n = n << 7 | byte & 127
            if byte < 128
              made << n
              n = 0
              left -= 1
            end
          end
        when "x"
          skip = count == :star ? total - at : count || 1
          raise ArgumentError, "x outside of string" if skip > total - at
          at += skip
        when "X"
          back = count == :star ? 0 : count || 1
          raise ArgumentError, "X outside of string" if back > at
          at -= back
        when "@"
          position = count == :star ? 0 : count || 0
          raise ArgumentError, "@ outside of string" if position > total
          at = position
        when "d", "D", "E", "G", "f", "F", "e", "g"
          size = "dDEG".include?(letter) ? 8 : 4
          big = letter == "G" || letter == "g"
          left = count == :star ? (total - at) / size : count || 1
          left.times do
            if total - at < size
              made << nil unless count == :star
            else
              bits = integer_at(text, at, size, big)
              made << (size == 8 ? Float.__from_bits(bits) : double_of_single(bits))
              at += size
            end
          end
        else
          kind = integer_kind(letter, native, order)
          raise ArgumentError, "unknown unpack directive '#{letter}' in '#{format}'" unless kind
          size, signed, big = kind
          left = count == :star ? (total - at) / size : count || 1
          left.times do
            if total - at < size
              made << nil unless count == :star
            else
              n = integer_at(text, at, size, big)
              n -= 1 << size * 8 if signed && n >> size * 8 - 1 == 1
              made << n
              at += size
            end
          end
        end
      end
      made
    end

    def self.integer_at(text, at, size, big)
      n = 0
      i = 0
      while i < size
        n |= text.getbyte(at + i) << 8 * (big ? size - 1 - i : i)
        i += 1
      end
      n
    end

    def self.unbase64(text, strict)
      raise ArgumentError, "invalid base64" if strict && !text.match?(/\A(?:[A-Za-z0-9+\/]{4})*(?:[A-Za-z0-9+\/]{2}==|[A-Za-z0-9+\/]{3}=)?\z/n)
      out = "".b
      word = 0
      bits = 0
      text.each_byte do |byte|
        six = if byte >= 65 && byte <= 90 then byte - 65
        elsif byte >= 97 && byte <= 122 then byte - 71
        elsif byte >= 48 && byte <= 57 then byte + 4
        elsif byte == 43 then 62
        elsif byte == 47 then 63
        elsif byte == 61 then break
        else next
        end
        word = (word << 6 | six) & 0xff_ffff
        bits += 6
        if bits >= 8
          bits -= 8
          byte(out, word >> bits)
        end
      end
      out
    end

    def self.unquoted(text)
      out = "".b
      at = 0
      while at < text.bytesize
        byte = text.getbyte(at)
        if byte == 61
          if text.getbyte(at + 1) == 10
            at += 2
            next
          elsif text.getbyte(at + 1) == 13 && text.getbyte(at + 2) == 10
            at += 3
            next
          end
          digits = text.byteslice(at + 1, 2) || ""
          unless digits.match?(/\A\h\h\z/n)
            out << text.byteslice(at, text.bytesize).b
            break
          end
          byte(out, digits.to_i(16))
          at += 3
        else
          byte(out, byte)
          at += 1
        end
      end
      out
    end

    def self.uudecode(text)
      out = "".b
      text.each_line do |line|
        count = (line.getbyte(0) - 32) & 63
        break if count == 0
        part = "".b
        at = 1
        while part.bytesize < count && at < line.bytesize
          word = 0
          4.times { |i| word = word << 6 | ((line.getbyte(at + i) || 32) - 32) & 63 }
          at += 4
          byte(part, word >> 16)
          byte(part, word >> 8)
          byte(part, word)
        end
        out << part.byteslice(0, count)
      end
      out
    end
  end
end
