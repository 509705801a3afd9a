# String: making, copying and freezing one.

class String
  def self.try_convert(object)
    __check_str(object)
  end

  def self.new(text = Primitive.undefined, encoding: nil, capacity: nil, **options, &block)
    unless equal?(String)
      made = allocate
      options[:encoding] = encoding if encoding
      if Primitive.undefined?(text)
        made.__send__(:initialize, **options, &block)
      else
        made.__send__(:initialize, text, **options, &block)
      end
      return made
    end
    made = Primitive.undefined?(text) ? "".b : __str(text).__dup
    made.force_encoding(encoding) if encoding
    made
  end

  def initialize(text = Primitive.undefined, encoding: nil, capacity: nil)
    replace(text) unless Primitive.undefined?(text)
    force_encoding(encoding) if encoding
    self
  end

  def initialize_copy(text)
    replace(text)
  end

  def +@
    frozen? ? dup : self
  end

  def -@
    return self if frozen?
    dup.freeze
  end

  alias dedup -@

  def freeze
    Primitive.freeze
    self
  end

  def dup
    instance_of?(String) ? __dup : super
  end

  def itself
    self
  end
end
