# Maglev::Format: sprintf.

module Maglev
  module Format
    def self.format(template, args)
      template.__format(args) || Formatter.new(template, args).run
    end

    class Formatter
      def initialize(template, args)
        @template = template
        @args = args
        @next = 0
        @hash = nil
        @mode = nil
      end

      def run
        made = +""
        made.force_encoding(@template.encoding)
        chars = @template
        at = 0
        total = chars.bytesize
        while at < total
          stop = chars.__byteindex("%", at)
          unless stop
            made << chars.__byteslice(at, total - at)
            break
          end
          made << chars.__byteslice(at, stop - at) if stop > at
          at = directive(chars, stop + 1, made)
        end
        if $DEBUG && @mode == :sequence && @next < @args.size
          raise ArgumentError, "too many arguments for format string"
        end
        made
      end

      def next_argument
        raise ArgumentError, "unnumbered(#{@next + 1}) mixed with named" if @mode == :named
        raise ArgumentError, "unnumbered(#{@next + 1}) mixed with numbered" if @mode == :numbered
        @mode = :sequence
        raise ArgumentError, "too few arguments" if @next >= @args.__size
        item = @args.__at(@next)
        @next += 1
        item
      end

      def numbered_argument(number)
        raise ArgumentError, "numbered(#{number}) after unnumbered(#{@next})" if @mode == :sequence
        raise ArgumentError, "invalid index - #{number}$" if number < 1
        @mode = :numbered
        raise ArgumentError, "too few arguments" if number > @args.__size
        @args.__at(number - 1)
      end

      def named_argument(name, shown)
        raise ArgumentError, "named#{shown} after unnumbered(#{@next})" if @mode == :sequence
        @mode = :named
        unless @hash
          raise ArgumentError, "one hash required" unless @args.__size == 1
          @hash = Hash === @args.__at(0) ? @args.__at(0) : __check_hash(@args.__at(0))
          raise ArgumentError, "one hash required" unless @hash
        end
        key = name.to_sym
        return @hash[key] if @hash.key?(key)
        if @hash.default_proc || !@hash.default.nil?
          value = @hash.default(key)
          return value
        end
        raise KeyError.new("key#{shown} not found", receiver: @hash, key: key)
      end

      # Reads one directive from byte position at (behind the %); appends its text; answers the position behind it.
      def directive(text, at, made)
        flags = 0
        width = nil
        precision = nil
        value = Primitive.undefined
        total = text.bytesize
        while true
          raise ArgumentError, "incomplete format specifier; use %% (double %) instead" if at >= total
          c = text.__byte_at(at)
          at += 1
          case c
          when 32 then flags |= 1
          when 35 then flags |= 2
          when 43 then flags |= 4
          when 45 then flags |= 8
          when 48 then flags |= 16
          when 49, 50, 51, 52, 53, 54, 55, 56, 57
            number = c - 48
            while at < total && (d = text.__byte_at(at)) >= 48 && d <= 57
              number = number * 10 + d - 48
              at += 1
            end
            if text.__byte_at(at) == 36
              raise ArgumentError, "value given twice - #{number}$" unless Primitive.undefined?(value)
              value = numbered_argument(number)
              at += 1
            else
              raise ArgumentError, "width given twice" if width
              width = number
            end
          when 42
            raise ArgumentError, "width given twice" if width
            at, width = star(text, at)
            if width < 0
              flags |= 8
              width = -width
            end
          when 46
            raise ArgumentError, "precision given twice" if precision
            if text.__byte_at(at) == 42
              at, precision = star(text, at + 1)
              precision = nil if precision < 0
            else
              precision = 0
              while at < total && (d = text.__byte_at(at)) >= 48 && d <= 57
                precision = precision * 10 + d - 48
                at += 1
              end
            end
          when 60, 123
            stop = text.__byteindex(c == 60 ? ">" : "}", at)
            raise ArgumentError, "malformed name - unmatched parenthesis" unless stop
            name = text.__byteslice(at, stop - at)
            shown = c == 60 ? "<#{name}>" : "{#{name}}"
            raise ArgumentError, "named#{shown} after <#{name}>" unless Primitive.undefined?(value)
            value = named_argument(name, shown)
            at = stop + 1
            if c == 123
              made << pad(cut(value.to_s, precision), width, flags)
              return at
            end
          when 37
            raise ArgumentError, "invalid format character - %" if flags != 0 || width || precision
            made << "%"
            return at
          when 10, 0
            made << "%"
            return at - 1
          else
            letter = c.chr
            unless "diuxXobBeEfgGaAspc".include?(letter)
              raise ArgumentError, "malformed format string - %#{letter}"
            end
            value = next_argument if Primitive.undefined?(value)
            made << convert(letter, value, flags, width, precision)
            return at
          end
        end
      end

      # `*` or `*1$`: [position behind, value]
      def star(text, at)
        start = at
        number = 0
        while (d = text.__byte_at(at)) && d >= 48 && d <= 57
          number = number * 10 + d - 48
          at += 1
        end
        if at > start && text.__byte_at(at) == 36
          return [at + 1, __int(numbered_argument(number))]
        end
        [start, __int(next_argument)]
      end

      def cut(text, precision)
        precision && text.size > precision ? text[0, precision] : text
      end

      def pad(text, width, flags)
        return text unless width && width > text.size
        flags & 8 != 0 ? text.ljust(width) : text.rjust(width)
      end

      def convert(letter, value, flags, width, precision)
        case letter
        when "s" then pad(cut(value.to_s, precision), width, flags)
        when "p" then pad(cut(value.inspect, precision), width, flags)
        when "c"
          text = String === value ? (value[0] || raise(ArgumentError, "%c requires a character")) : __int(value).chr("UTF-8")
          pad(text, width, flags)
        when "d", "i", "u" then integer(Format.integer(value), 10, "", flags, width, precision, false)
        when "x" then integer(Format.integer(value), 16, "0x", flags, width, precision, false)
        when "X" then integer(Format.integer(value), 16, "0X", flags, width, precision, true)
        when "o" then integer(Format.integer(value), 8, "0", flags, width, precision, false)
        when "b" then integer(Format.integer(value), 2, "0b", flags, width, precision, false)
        when "B" then integer(Format.integer(value), 2, "0B", flags, width, precision, false)
        else float(letter, value, flags, width, precision)
        end
      end

      def integer(n, radix, prefix, flags, width, precision, upper)
        sign = ""
        dots = false
        if n < 0 && radix != 10 && flags & 5 == 0
          # Two's complement with as many leading digits as one `..` stands for.
          bits = radix == 16 ? 4 : (radix == 8 ? 3 : 1)
          top = radix - 1
          count = 1
          count += 1 while -(1 << (bits * count)) > n
          digits = (n + (1 << (bits * count))).to_s(radix).rjust(count, "0")
          first = top.to_s(radix)
          digits = digits.sub(/\A#{first}+/, first)
          digits = first + digits unless digits.start_with?(first)
          dots = true
        else
          if n < 0
            sign = "-"
            n = -n
          elsif flags & 4 != 0
            sign = "+"
          elsif flags & 1 != 0
            sign = " "
          end
          digits = n.to_s(radix)
        end
        digits = digits.upcase if upper
        size = digits.size
        head = flags & 2 != 0 && radix != 10 && !(n == 0 && radix != 8) ? prefix : ""
        width ||= 0
        if dots
          precision -= 2 if precision
          width -= 2
        end
        if radix == 8 && head != ""
          if dots
            head = ""
          elsif n == 0
            digits = ""
            size = 0
            precision -= 1 if precision
          elsif precision && precision > size
            head = ""
          end
        end
        width -= head.size + sign.size
        if flags & 24 == 16 && !precision
          precision = width
          width = 0
        else
          if precision == 0 && n == 0 && head == ""
            digits = ""
            size = 0
          end
          precision = size if nil.equal?(precision) || precision < size
          width -= precision
        end
        if precision > size
          fill = dots ? (radix - 1).to_s(radix) : "0"
          fill = fill.upcase if upper
          digits = fill * (precision - size) + digits
        end
        text = sign + head + (dots ? ".." : "") + digits
        return text if width <= 0
        flags & 8 != 0 ? text + " " * width : " " * width + text
      end

      def float(letter, value, flags, width, precision)
        if letter == "f" && (Integer === value || Rational === value)
          return exact(value, flags, width, precision || 6)
        end
        x = Format.float(value)
        negative = x < 0 || (x == 0.0 && x.__signed?)
        sign = negative ? "-" : (flags & 4 != 0 ? "+" : (flags & 1 != 0 ? " " : ""))
        unless x.finite?
          sign = "" if x.nan? && negative
          return pad(sign + (x.nan? ? "NaN" : "Inf"), width, flags)
        end
        x = -x if negative
        digits = case letter
        when "f" then Format.fixed(x, precision || 6, flags & 2 != 0)
        when "e", "E" then Format.exponent(x, precision || 6, flags & 2 != 0)
        when "g", "G" then Format.general(x, precision || 6, flags & 2 != 0)
        else Format.hexadecimal(x, precision, flags & 2 != 0)
        end
        digits = digits.upcase if letter == "E" || letter == "G" || letter == "A"
        finish(sign, digits, flags, width)
      end

      def exact(value, flags, width, precision)
        value = value.to_r
        negative = value < 0
        sign = negative ? "-" : (flags & 4 != 0 ? "+" : (flags & 1 != 0 ? " " : ""))
        n = (value.abs * 10**precision).round
        text = n.to_s.rjust(precision + 1, "0")
        digits = text[0, text.size - precision]
        digits += "." if precision > 0 || flags & 2 != 0
        digits += text[text.size - precision, precision] if precision > 0
        finish(sign, digits, flags, width)
      end

      def finish(sign, digits, flags, width)
        if flags & 24 == 16 && width
          room = width - sign.size
          if digits.start_with?("0x", "0X")
            digits = digits[0, 2] + digits[2, digits.size].rjust(room - 2, "0")
          else
            digits = digits.rjust(room, "0") if room > digits.size
          end
        end
        pad(sign + digits, width, flags)
      end
    end

    def self.integer(value)
      case value
      when Integer then value
      when Float
        raise FloatDomainError, value.to_s unless value.finite?
        value.floor
      when String then Integer(value)
      when nil then raise TypeError, "can't convert nil into Integer"
      else
        if value.respond_to?(:to_int)
          value.to_int
        elsif value.respond_to?(:to_i)
          value.to_i
        else
          raise TypeError, "can't convert #{value.class} into Integer"
        end
      end
    end

    def self.float(value)
      return value if Float === value
      Float(value)
    end

    # x ≥ 0 with exactly `digits` decimals: exact arithmetic on the double's value, ties to even as C does.
    def self.fixed(x, digits, point)
      mantissa, exponent = x.__decode
      scaled = mantissa * 10**digits
      if exponent >= 0
        n = scaled << exponent
      else
        d = 1 << -exponent
        n, rest = scaled.divmod(d)
        n += 1 if round_up?(n, rest, d, n.to_s.size)
      end
      text = n.to_s.rjust(digits + 1, "0")
      made = text[0, text.size - digits]
      made += "." if digits > 0 || point
      made += text[text.size - digits, digits] if digits > 0
      made
    end

    # Whether the last of count digits is rounded up when rest / d follows it. As in MRI, what a double's arithmetic cannot
    # tell from one half counts as a half, which goes to the even digit.
    def self.round_up?(whole, rest, d, count)
      twice = rest * 2
      if count <= 14 && whole != 0
        doubt = (2.0 * whole / 10.0**(count - 1) + 7.0) * 2.220446049250313e-16 * 10.0**(count - 1)
        return whole.odd? if ((twice - d).abs.fdiv(d) / 2.0) <= doubt
      end
      twice > d || (twice == d && whole.odd?)
    end

    def self.shift_rounding(n, bits)
      whole = n >> bits
      rest = n & ((1 << bits) - 1)
      half = 1 << (bits - 1)
      whole += 1 if rest > half || (rest == half && whole.odd?)
      whole
    end

    # [digits as Integer with exactly `count` digits, decimal exponent of the first]
    def self.significant(x, count)
      return [0, 0] if x == 0.0
      mantissa, exponent = x.__decode
      ten = ((mantissa.bit_length + exponent - 1) * 0.30102999566398120).floor
      while true
        shift = count - 1 - ten
        n = mantissa
        d = 1
        shift >= 0 ? n *= 10**shift : d *= 10**-shift
        exponent >= 0 ? n <<= exponent : d <<= -exponent
        whole, rest = n.divmod(d)
        whole += 1 if round_up?(whole, rest, d, count)
        size = whole.to_s.size
        if size > count
          ten += 1
        elsif size < count
          ten -= 1
        else
          return [whole, ten]
        end
      end
    end

    def self.exponent(x, digits, point)
      n, ten = significant(x, digits + 1)
      text = n.to_s.rjust(digits + 1, "0")
      made = text[0, 1]
      made += "." if digits > 0 || point
      made += text[1, digits] if digits > 0
      made + "e" + (ten < 0 ? "-" : "+") + ten.abs.to_s.rjust(2, "0")
    end

    def self.general(x, digits, keep)
      digits = 1 if digits == 0
      n, ten = significant(x, digits)
      if ten < -4 || ten >= digits
        made = exponent(x, digits - 1, keep)
        return made if keep
        head, tail = made.split("e")
        head = head.sub(/\.?0+\z/, "") if head.include?(".")
        return head + "e" + tail
      end
      made = fixed(x, digits - 1 - ten, keep)
      !keep && made.include?(".") ? made.sub(/\.?0+\z/, "") : made
    end

    def self.hexadecimal(x, digits, point)
      return "0x0" + (digits && digits > 0 ? "." + "0" * digits : (point ? "." : "")) + "p+0" if x == 0.0
      fraction, exponent = x.__frexp
      n = (fraction * 9007199254740992.0).to_i
      exponent -= 1
      n = n & 0xf_ffff_ffff_ffff
      lead = 1
      if digits && digits < 13
        n = shift_rounding(n, 4 * (13 - digits))
        if n >> (4 * digits) > 0
          n = 0
          exponent += 1
        end
        text = digits == 0 ? "" : n.to_s(16).rjust(digits, "0")
      else
        text = n.to_s(16).rjust(13, "0")
        text = digits ? text.ljust(digits, "0") : text.sub(/0+\z/, "")
      end
      "0x#{lead}" + (text.empty? && !point ? "" : "." + text) + "p" + (exponent < 0 ? "-" : "+") + exponent.abs.to_s
    end
  end
end
