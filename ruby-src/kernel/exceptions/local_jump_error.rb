# LocalJumpError: a break, return or yield without the place it goes to.

class LocalJumpError
  def reason
    __slot(8) || :noreason
  end

  def exit_value
    __slot(6)
  end
end
